import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EngineEvent, OpType, Stack } from "@pulumi/pulumi/automation";
import { parseDocument } from "yaml";
import { PROJECT_NAME } from "../../config/parse";
import type { Cloud } from "../../standins/provider/cloud";
import { nameOfUrn } from "../../standins/provider/wire";
import type { Commands } from "./commands";
import { QUICK_VARIABLE } from "./launchers";
import { quietly } from "./quiet";

/** What the engine did, or would do, with one resource. */
export interface Step {
  readonly op: OpType;
  readonly urn: string;
  readonly name: string;
  readonly type: string;
}

/** What came of an operation. */
export interface Outcome {
  /** Undefined when it went well. */
  readonly error: Error | undefined;
  readonly steps: readonly Step[];
  /** What a person saw. */
  readonly output: string;
  /** Diagnostics of severity `error`. */
  readonly errors: readonly string[];
}

/** Values of a stack file: our own keys stand without namespace, undefined takes a key away. */
export type Edits = Readonly<Record<string, string | number | boolean | object | undefined>>;

/** A resource as the state holds it. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly custom: boolean;
  /** URNs of what the engine had it wait for. */
  readonly dependencies?: readonly string[];
  /** URN and id of its provider, for which it waited too. */
  readonly provider?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

export interface State {
  readonly resources: readonly StateResource[];
  readonly pendingOperations: readonly { readonly type: string; readonly resource: StateResource }[];
}

/** The project that a stack is of. */
export interface StackHome {
  readonly directory: string;
  readonly stateFolder: string;
  /** What its stand-ins have made. */
  readonly cloud: Cloud;
  readonly commands: Pick<Commands, "during">;
  /** The same stack, with another environment. */
  reopen(name: string, environment: Readonly<Record<string, string>>): Promise<EngineStack>;
}

/** A stack on the real engine. One operation at a time. */
export class EngineStack {
  constructor(
    readonly project: StackHome,
    private readonly stack: Stack,
  ) {
    // What edits start from.
    if (!existsSync(this.base)) copyFileSync(this.file, this.base);
  }

  get name(): string {
    return this.stack.name;
  }

  get file(): string {
    return join(this.project.directory, `Pulumi.${this.stack.name}.yaml`);
  }

  /** Where a state folder keeps the state. */
  get stateFile(): string {
    return join(this.project.stateFolder, ".pulumi", "stacks", PROJECT_NAME, `${this.name}.json`);
  }

  private get base(): string {
    return `${this.file}.base`;
  }

  /** Makes the stack file what it was at first, with some edits: as a person with an editor would. */
  edit(edits: Edits): void {
    const document = parseDocument(readFileSync(this.base, "utf8"));
    for (const [key, value] of Object.entries(edits)) {
      const path = ["config", key.includes(":") ? key : `${PROJECT_NAME}:${key}`];
      if (value === undefined) document.deleteIn(path);
      else document.setIn(path, value);
    }
    writeFileSync(this.file, document.toString());
  }

  async setSecret(key: string, value: string): Promise<void> {
    await this.project.commands.during(() => this.stack.setConfig(key, { value, secret: true }));
  }

  preview(): Promise<Outcome> {
    return this.run((hooks) => this.stack.preview({ ...hooks, color: "never" }));
  }

  up(): Promise<Outcome> {
    return this.run((hooks) => this.stack.up({ ...hooks, color: "never" }));
  }

  refresh({ clearPendingCreates = false } = {}): Promise<Outcome> {
    return this.run((hooks) => this.stack.refresh({ ...hooks, color: "never", clearPendingCreates }));
  }

  destroy(): Promise<Outcome> {
    return this.run((hooks) => this.stack.destroy({ ...hooks, color: "never" }));
  }

  cancel(): Promise<void> {
    return this.project.commands.during(() => this.stack.cancel());
  }

  /**
   * The state as its file holds it now, in the middle of an operation too. `pulumi stack export` would say the same,
   * and takes a second.
   */
  state(): State {
    const { latest } = JSON.parse(readFileSync(this.stateFile, "utf8")).checkpoint;
    return { resources: latest?.resources ?? [], pendingOperations: latest?.pending_operations ?? [] };
  }

  /** What the stack says, as `pulumi stack output` gives it. */
  async outputs(): ReturnType<Stack["outputs"]> {
    const { stack } = await this.project.reopen(this.name, { [QUICK_VARIABLE]: "no" });
    return this.project.commands.during(() => stack.outputs());
  }

  private async run(operate: (hooks: Hooks) => Promise<unknown>): Promise<Outcome> {
    const steps: Step[] = [];
    const errors: string[] = [];
    const output: string[] = [];
    const hooks: Hooks = {
      onOutput: (text) => output.push(text),
      onError: (text) => output.push(text),
      onEvent: ({ resourcePreEvent, diagnosticEvent }) => {
        if (resourcePreEvent !== undefined) {
          const { op, urn, type } = resourcePreEvent.metadata;
          steps.push({ op, urn, type, name: nameOfUrn(urn) });
        }
        if (diagnosticEvent?.severity === "error") errors.push(diagnosticEvent.message);
      },
    };
    const error = await quietly(() =>
      this.project.commands.during(() => operate(hooks)).then(() => undefined, asError),
    );
    return { error, steps, errors, output: output.join("") };
  }
}

interface Hooks {
  readonly onOutput: (text: string) => void;
  readonly onError: (text: string) => void;
  readonly onEvent: (event: EngineEvent) => void;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
