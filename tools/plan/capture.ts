import * as pulumi from "@pulumi/pulumi";
import { MockMonitor, type MockResourceArgs } from "@pulumi/pulumi/runtime/mocks";
import { setMockOptions } from "@pulumi/pulumi/runtime/settings";
import { PROJECT_NAME } from "../../config/parse";
import { NO_FRAMES, withStackTraces, withStrayRejections } from "./inProcess";
import { type CapturedObject, type CapturedValue, fromWire, isObject } from "./values";

/** A resource as the program registered it, with the options that mocks do not see. */
export interface CapturedResource {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  /** False for components. */
  readonly custom: boolean;
  readonly parent: string;
  readonly inputs: CapturedObject;
  /** URNs of everything that it waits for, whether by data or by `dependsOn`; components are resolved to their children. */
  readonly dependencies: readonly string[];
  /** URNs of what each property is made from, by the property's name. */
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
  /** `urn::id` of its provider; empty for the default one. */
  readonly provider: string;
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  readonly deleteBeforeReplace: boolean;
  readonly deletedWith: string;
  readonly ignoreChanges: readonly string[];
  readonly customTimeouts: { readonly create: string; readonly update: string; readonly delete: string };
}

/** A call of a provider function, such as a lookup. */
export interface CapturedInvoke {
  readonly token: string;
  readonly args: CapturedObject;
}

export interface CapturedGraph {
  /** In the order of registration. */
  readonly resources: readonly CapturedResource[];
  readonly invokes: readonly CapturedInvoke[];
  /** The stack's outputs. */
  readonly outputs: CapturedObject;
}

export interface CaptureOptions {
  /** Name of the project, the namespace of its own keys; that of this repository by default. */
  readonly project?: string;
  readonly stack: string;
  /** Config by full key (`namespace:key`). */
  readonly config: Readonly<Record<string, string>>;
  /** Full keys of the secret ones. */
  readonly secretKeys?: readonly string[];
  /** What computed outputs are: unknown, as in the preview of a new stack, or as after creation. */
  readonly mode: "preview" | "up";
  /** Answers the provider functions; undefined fields are unknown in a preview. */
  readonly call?: (token: string, args: CapturedObject) => Record<string, unknown>;
  /** Computed outputs of a resource after creation, beside its inputs; `id` where it is not made of the name. */
  readonly computed?: (resource: {
    type: string;
    name: string;
    inputs: Record<string, unknown>;
  }) => Record<string, unknown>;
}

/**
 * Runs a Pulumi program in memory and returns what it registered. Nothing is created, no engine and no plugin runs. A
 * program that fails runs twice: the second time with the stack traces that would slow every run down.
 *
 * @throws what the program threw, or the first error of anything that it left running: a failed `apply`, a resource
 * that could not be registered, two resources of one name.
 */
export async function capture(program: () => unknown, options: CaptureOptions): Promise<CapturedGraph> {
  const outcome = await attempt(program, options, NO_FRAMES);
  if ("graph" in outcome) return outcome.graph;
  // The same once more, to say where it happened.
  const traced = await attempt(program, options, Error.stackTraceLimit);
  throw "error" in traced ? traced.error : outcome.error;
}

type Outcome = { readonly graph: CapturedGraph } | { readonly error: unknown };

async function attempt(program: () => unknown, options: CaptureOptions, frames: number): Promise<Outcome> {
  const monitor = new RecordingMonitor(options);
  const project = options.project ?? PROJECT_NAME;
  const preview = options.mode === "preview";
  await pulumi.runtime.setMocks(monitor.mocks, project, options.stack, preview);
  setMockOptions(monitor, project, options.stack, preview);
  pulumi.runtime.setAllConfig({ ...options.config }, [...(options.secretKeys ?? [])]);
  const errors = await withStackTraces(frames, () =>
    collectingRejections(async () => {
      await pulumi.runtime.runInPulumiStack(async () => program());
      await pulumi.runtime.disconnect();
    }),
  );
  return errors.length === 0 ? { graph: monitor.graph() } : { error: errors[0] };
}

/** Runs something and returns every error, also those of promises that nobody waits for. */
async function collectingRejections(run: () => Promise<unknown>): Promise<readonly unknown[]> {
  const errors: unknown[] = [];
  try {
    await withStrayRejections((error) => errors.push(error), run);
  } catch (error) {
    errors.unshift(error);
  }
  return errors;
}

/** The parts of Pulumi's requests that we read; its own types are generated without declarations. */
interface RegisterRequest {
  getType(): string;
  getName(): string;
  getCustom(): boolean;
  getParent(): string;
  getObject(): Wire;
  getDependenciesList(): string[];
  getPropertydependenciesMap(): { entries(): IterableIterator<[string, { getUrnsList(): string[] }]> };
  getProvider(): string;
  getProtect(): boolean;
  getRetainondelete(): boolean;
  getDeletebeforereplace(): boolean;
  getDeletedwith(): string;
  getIgnorechangesList(): string[];
  getCustomtimeouts(): { getCreate(): string; getUpdate(): string; getDelete(): string };
}

interface Wire {
  toJavaScript(): unknown;
}

type Callback<T> = (error: unknown, response: T) => void;

class RecordingMonitor extends MockMonitor {
  private readonly recorded: CapturedResource[] = [];
  private readonly invokes: CapturedInvoke[] = [];
  private outputs: CapturedObject = {};

  constructor(options: CaptureOptions) {
    super({
      newResource: (args: MockResourceArgs) => {
        // Without an id, a preview takes it for unknown.
        if (options.mode === "preview") return { id: "", state: args.inputs };
        const computed = options.computed?.(args) ?? {};
        const id = typeof computed.id === "string" ? computed.id : `${args.name}-id`;
        return { id, state: { ...args.inputs, ...computed } };
      },
      call: ({ token, inputs }) => options.call?.(token, inputs) ?? {},
    });
  }

  graph(): CapturedGraph {
    return { resources: this.recorded, invokes: this.invokes, outputs: this.outputs };
  }

  override async registerResource(req: RegisterRequest, callback: Callback<{ getUrn(): string }>): Promise<void> {
    await super.registerResource(req, (error, response) => {
      if (error !== null) return callback(error, response);
      const urn = response.getUrn();
      if (this.recorded.some((resource) => resource.urn === urn)) {
        return callback(new Error(`two resources have the URN ${urn}`), response);
      }
      this.recorded.push(record(urn, req));
      callback(error, response);
    });
  }

  override async invoke(req: { getTok(): string; getArgs(): Wire }, callback: Callback<unknown>): Promise<void> {
    this.invokes.push({ token: req.getTok(), args: objectFromWire(req.getArgs()) });
    await super.invoke(req, callback);
  }

  override registerResourceOutputs(req: { getUrn(): string; getOutputs(): Wire }, callback: Callback<unknown>): void {
    if (req.getUrn().includes("::pulumi:pulumi:Stack::")) this.outputs = objectFromWire(req.getOutputs());
    super.registerResourceOutputs(req, callback);
  }
}

function record(urn: string, req: RegisterRequest): CapturedResource {
  const timeouts = req.getCustomtimeouts();
  return {
    urn,
    type: req.getType(),
    name: req.getName(),
    custom: req.getCustom(),
    parent: req.getParent(),
    inputs: objectFromWire(req.getObject()),
    dependencies: req.getDependenciesList(),
    propertyDependencies: Object.fromEntries(
      [...req.getPropertydependenciesMap().entries()].map(([property, urns]) => [property, urns.getUrnsList()]),
    ),
    provider: req.getProvider(),
    protect: req.getProtect(),
    retainOnDelete: req.getRetainondelete(),
    deleteBeforeReplace: req.getDeletebeforereplace(),
    deletedWith: req.getDeletedwith(),
    ignoreChanges: req.getIgnorechangesList(),
    customTimeouts: { create: timeouts.getCreate(), update: timeouts.getUpdate(), delete: timeouts.getDelete() },
  };
}

function objectFromWire(wire: Wire): CapturedObject {
  const value: CapturedValue = fromWire(wire.toJavaScript());
  return isObject(value) ? value : {};
}
