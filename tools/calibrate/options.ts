import { type Command, InvalidArgumentError, Option } from "commander";
import { COLD_START_NAMES, COLD_STARTS, type ColdStartName } from "../../catalog/coldStarts";
import { collectOverrides, commandOf, NO_OVERRIDES, type Output, positive, stackName, whole } from "../arguments";
import type { Override } from "../plan/load";
import { duration, SLO_OPTIONS, seed } from "../simulate/arguments";
import { PROFILE_NAMES } from "../simulate/traffic/profiles";
import type { LadderOptions } from "./measure/ladder";

/** What a run of the command was asked. Times in seconds. */
export interface CalibrateOptions {
  /** One replica's address; without it, the stand-in is started and measured. */
  readonly url?: string;
  readonly api: "tgi" | "openai";
  /** Name of the environment variable with a bearer token. */
  readonly bearerEnv?: string;
  /** How long a server that still loads its model is waited for, and one that does not listen yet; see `waitsOf`. */
  readonly wait?: number;
  readonly stack: string;
  readonly set: readonly Override[];
  /** A profile, or the path of a trace. */
  readonly traffic: string;
  /** Requests per second of the traffic that the target is tried on; what the profile or the trace has without it. */
  readonly rate?: number;
  readonly coldStart: ColdStartName;
  readonly sloTtft: number;
  readonly sloTpot: number;
  readonly maxConcurrency?: number;
  readonly stepSeconds?: number;
  readonly repetitions?: number;
  readonly seed: number;
  /** A file with samples of the GPU's duty cycle. */
  readonly dutyCycle?: string;
  readonly write?: true;
  readonly json?: true;
  readonly out: string;
  readonly inCluster?: true;
  readonly export?: "inference-perf";
}

export const DEFAULT_STACK = "dev";
export const DEFAULT_TRAFFIC = "conversation";

const count = whole(1, 100_000);

/** As shells have them: it stands in commands that people paste. */
function variable(text: string): string {
  if (/^[A-Za-z_]\w*$/.test(text)) return text;
  throw new InvalidArgumentError("It must be a variable's name, such as TOKEN: letters, digits and underscores.");
}

/** How long loads are measured, and how often those around the knee. */
export interface Pace {
  readonly stepSeconds: number;
  readonly repetitions: number;
}

/** Long enough for a share of 99 %: nearly half an hour in all. */
const LONG: Pace = { stepSeconds: 30, repetitions: 3 };
/** Some nine minutes, to see how it goes. */
const SHORT: Pace = { stepSeconds: 10, repetitions: 1 };

/** The pace that was asked for. */
export function paceOf({ url, inCluster, export: tool, stepSeconds, repetitions }: CalibrateOptions): Pace {
  const usual = url === undefined && inCluster === undefined && tool === undefined ? SHORT : LONG;
  return { stepSeconds: stepSeconds ?? usual.stepSeconds, repetitions: repetitions ?? usual.repetitions };
}

/** Loading a large model takes minutes. */
const LOAD_SECONDS = 600;
/** Where nothing listens, an address is more often wrong than early. */
const LISTEN_SECONDS = 30;

/** How long is waited, in seconds: for a model to be loaded, and for anything to listen. `--wait` says both. */
export function waitsOf({ wait }: Pick<CalibrateOptions, "wait">) {
  return { waitSeconds: wait ?? LOAD_SECONDS, listenSeconds: wait ?? LISTEN_SECONDS };
}

/** How long and how far a calibration goes. @param most requests that the server takes at a time. */
export function ladderOf(options: CalibrateOptions, most: number): LadderOptions {
  const { maxConcurrency = most, seed } = options;
  return { ...paceOf(options), maxConcurrency, seed };
}

/** @param say where help and errors go. */
export function calibrateCommand(say: Output): Command {
  const coldStarts = COLD_START_NAMES.map((name) => `${name}: ${COLD_STARTS[name].description}`).join("; ");
  return commandOf("npm run calibrate --", say)
    .description(
      "Puts one server under load: the load that meets the SLO, the HPA's target for it, and the server's step times. " +
        "Without --url it starts the stand-in and measures that.",
    )
    .option("--url <url>", "one replica, such as http://localhost:8000 (kubectl port-forward)")
    .addOption(
      new Option("--api <name>", "TGI's own, or OpenAI's chat completions").choices(["tgi", "openai"]).default("tgi"),
    )
    .option("--bearer-env <variable>", "environment variable with a bearer token", variable)
    .option(
      "--wait <t>",
      "how long is waited for a model to load (10m) and for anything to listen (30s); a given time is for both",
      duration,
    )
    .option("--stack <name>", "the stack: Pulumi.<name>.yaml", stackName, DEFAULT_STACK)
    .option("--set <key=value>", "override a config key, as often as you like", collectOverrides)
    .option("--traffic <profile|file>", `lengths of ${PROFILE_NAMES.join(", ")}, or of a CSV trace`, DEFAULT_TRAFFIC)
    .option("--rate <x>", "requests a second of the traffic that the targets are tried on", positive)
    .addOption(new Option("--cold-start <name>", coldStarts).choices(COLD_START_NAMES).default("streamed"))
    .addOption(SLO_OPTIONS.ttft())
    .addOption(SLO_OPTIONS.tpot())
    .option("--max-concurrency <n>", "most requests at a time; the server's own limit without it", count)
    .option(
      "--step-seconds <n>",
      `how long each load is measured: ${LONG.stepSeconds}, a look at the stand-in ${SHORT.stepSeconds}`,
      positive,
    )
    .option(
      "--repetitions <n>",
      `of each load around the knee: ${LONG.repetitions}, a look at the stand-in ${SHORT.repetitions}`,
      count,
    )
    .option("--seed <n>", "another sample of the same traffic", seed, 1)
    .option("--duty-cycle <csv>", "samples of the GPU's duty cycle: timestamp, percent")
    .option("--write", "put target and calibration into the stack file")
    .option("--json", "the answer as JSON (docs/calibration.md)")
    .option("--out <dir>", "where calibration file and page go, in a folder per stack", "out")
    .addOption(
      new Option(
        "--in-cluster",
        "print a Kubernetes Job that runs this beside the server; on a terminal, write it into a file",
      ).conflicts([...["url", "write", "json", "dutyCycle", "bearerEnv"]]),
    )
    .addOption(
      new Option("--export <tool>", "write the same loads as another tool's configuration, and measure nothing")
        .choices(["inference-perf"])
        .conflicts(["inCluster", "write", "json", "dutyCycle"]),
    )
    .setOptionValueWithSource(...NO_OVERRIDES);
}
