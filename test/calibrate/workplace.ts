import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { rooflineStepTimes } from "../../autoscaling/roofline";
import { MODELS } from "../../catalog/models";
import { runCalibrate, type Surroundings } from "../../tools/calibrate/cli";
import type { LoadedServer } from "../../tools/calibrate/contract";
import { chats, VirtualServer, type VirtualServerOptions } from "../support/virtualServer";

/** Not the repository's own stack files: their owner has the command write into them. */
const PROJECT = join(__dirname, "..", "fixtures", "project");
const MODEL = MODELS.get("google/gemma-2-2b-it");
if (MODEL === undefined) throw new Error("the catalogue has no google/gemma-2-2b-it");
/** What the virtual server of a {@link Workplace} takes. */
export const TIMES = rooflineStepTimes({ model: MODEL, accelerator: "nvidia-l4", gpus: 1 });
/** Short, since nothing depends on how well it is measured. */
export const QUICK = [
  "--step-seconds",
  "10",
  "--repetitions",
  "1",
  "--max-concurrency",
  "16",
  "--set",
  "maxReplicas=4",
];
const FIVE_MINUTES = 300;

/** What a run of the command meets. */
export interface Around {
  readonly server?: Partial<VirtualServerOptions>;
  readonly modelId?: string;
  /** Puts something between the command and the server. */
  readonly through?: (server: VirtualServer, abort: () => void) => LoadedServer;
  readonly fault?: Error;
  readonly isStandIn?: boolean;
  readonly isScreen?: boolean;
  /** Where it writes to, in place of `out`. */
  readonly folder?: string;
}

/** A folder with a stack file, in which `npm run calibrate` measures a server in virtual time. */
export class Workplace {
  readonly folder = mkdtempSync(join(tmpdir(), "calibrate-"));
  /** Arguments for a run that is over soon: a trace is simulated once, where a profile is simulated for hours. */
  readonly short: readonly string[];

  constructor() {
    const trace = join(this.folder, "trace.csv");
    writeFileSync(trace, chatsOf(FIVE_MINUTES));
    this.short = [...QUICK, "--traffic", trace];
    for (const name of ["Pulumi.yaml", "Pulumi.dev.yaml"]) copyFileSync(join(PROJECT, name), join(this.folder, name));
  }

  async run(args: readonly string[], around: Around = {}) {
    const out: string[] = [];
    const error: string[] = [];
    const interruption = new AbortController();
    let ended = 0;
    const virtual = new VirtualServer({ times: TIMES, jitter: 0.03, ...around.server });
    const reach: Surroundings["reach"] = async () => {
      if (around.fault !== undefined) throw around.fault;
      const loaded = around.through?.(virtual, () => interruption.abort()) ?? virtual;
      const info = {
        ...{
          api: "tgi" as const,
          modelId: around.modelId ?? "google/gemma-2-2b-it",
          version: "2.4.0",
          isStandIn: around.isStandIn ?? false,
        },
        ...{ maxConcurrentRequests: 345, maxInputTokens: 4096, maxTotalTokens: 8192, hasMetrics: true },
      };
      const server = { info, run: loaded.run.bind(loaded), close: async () => {} };
      const end = async () => {
        ended += 1;
      };
      return { server, now: () => virtual.now, end };
    };
    const code = await runCalibrate([...args, "--out", around.folder ?? join(this.folder, "out")], {
      directory: this.folder,
      ...{ out: (text) => out.push(text), error: (text) => error.push(text) },
      terminal: new Writable({ write: (_chunk, _encoding, done) => done() }),
      isScreen: around.isScreen ?? false,
      ...{ color: false, env: {}, reach, signal: interruption.signal, released: () => {} },
    });
    return { code, out: out.join("\n"), error: error.join("\n"), ended };
  }

  /** Names of what was written for the stack. */
  files(): readonly string[] {
    const folder = join(this.folder, "out", "dev");
    return existsSync(folder) ? readdirSync(folder).sort() : [];
  }

  written(name: string): string {
    return readFileSync(join(this.folder, "out", "dev", name), "utf8");
  }

  stackFile(): string {
    return readFileSync(join(this.folder, "Pulumi.dev.yaml"), "utf8");
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A trace of chats, one a second. */
export function chatsOf(seconds: number): string {
  const lengths = chats();
  const rows = Array.from({ length: seconds }, (_, at) => {
    const { inputTokens, outputTokens } = lengths.next().value;
    return [at, inputTokens, outputTokens].join();
  });
  return ["timestamp,input_tokens,output_tokens", ...rows].join("\n");
}
