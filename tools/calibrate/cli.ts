import type { StackConfig } from "../../config/stackConfig";
import { EXIT, exitOf } from "../arguments";
import { loadStack } from "../plan/load";
import { renderProblems } from "../plan/problems";
import { StackFileError } from "../plan/stackFile";
import { wrap } from "../plan/text";
import { progress } from "../report/progress";
import { shellWord } from "../shown";
import { sloOf } from "../simulate/arguments";
import type { Surroundings as SimulateSurroundings } from "../simulate/cli";
import { CalibrationError } from "../simulate/server/calibration";
import { type Traffic, TrafficError } from "../simulate/traffic/arrival";
import { resolveTraffic } from "../simulate/traffic/resolve";
import { writeOutput } from "../stackFolder";
import { Unusable } from "../usable";
import { type Measured, measure } from "./campaign";
import { conclude, PARTIAL } from "./conclude";
import type { ServerInfo } from "./contract";
import { type Evaluation, evaluate } from "./evaluate";
import { InClusterError, inClusterSteps } from "./export/inClusterJob";
import { checkFiles, dutyCycleIn } from "./files";
import { exported, jobOf } from "./handOver";
import { lengthsOf } from "./lengthsOf";
import { ServerFault } from "./load/faults";
import { DutyCycleError } from "./measure/dutyCycle";
import { type CalibrateOptions, calibrateCommand, ladderOf } from "./options";
import type { Reached, reach } from "./reach";
import { StandInError } from "./standInProcess";
import { watch } from "./watch";

/** Where the command runs, and where it writes to. */
export interface Surroundings extends SimulateSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether a person sees what is written out, on a terminal. */
  readonly isScreen: boolean;
  /** How it gets to the server. */
  readonly reach: typeof reach;
  /** Aborted when the person has seen enough. */
  readonly signal: AbortSignal;
  /** Called when the server is let go of: from then on nobody has to listen to `signal`. */
  readonly released: () => void;
}

/**
 * Runs `npm run calibrate` with its arguments.
 *
 * @returns the exit code: 0 fine, 1 problems with the stack, the server, the traffic or files, or no target to write,
 * 2 wrong usage, 130 ended early.
 */
export async function runCalibrate(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const command = calibrateCommand(surroundings);
  const exit = exitOf(command, args);
  if (exit !== undefined) return exit;
  try {
    return await calibrate(command.opts<CalibrateOptions>(), surroundings);
  } catch (error) {
    if (error instanceof TrafficError && error.choices.length > 0) {
      surroundings.error(wrap(`error: ${error.message}.`, "  ", ""));
      return EXIT.usage;
    }
    if (surroundings.signal.aborted && error === surroundings.signal.reason) {
      surroundings.error("Interrupted before anything was measured.");
      return PARTIAL;
    }
    const kinds = [
      TrafficError,
      CalibrationError,
      StackFileError,
      ServerFault,
      DutyCycleError,
      StandInError,
      InClusterError,
      Unusable,
    ];
    if (!kinds.some((kind) => error instanceof kind) || !(error instanceof Error)) throw error;
    surroundings.error(wrap(error.message, "  ", ""));
    return EXIT.problems;
  }
}

async function calibrate(options: CalibrateOptions, surroundings: Surroundings): Promise<number> {
  const { directory, error: say } = surroundings;
  const loaded = loadStack({ directory, stack: options.stack, overrides: options.set });
  const { config, verdict } = loaded.parsed;
  if (config === undefined) {
    say(renderProblems(loaded.stack, loaded.origin, verdict.problems));
    return EXIT.problems;
  }
  const trafficAt = (rate?: number) =>
    resolveTraffic({ traffic: options.traffic, ...(rate === undefined ? {} : { rate }) });
  const traffic = await trafficAt(options.rate);
  if (options.inCluster) {
    const job = jobOf(options, loaded, config, { traffic, directory });
    surroundings.out(surroundings.isScreen ? keptJob(job, options, config) : job);
    return 0;
  }
  if (options.export !== undefined) {
    const paths = exported(options, config, traffic).map(({ name, text }) => writeOutput(options, name, text));
    // Its configuration knows no variables: a token in the file would be committed some day.
    const token = options.bearerEnv === undefined ? "" : ` --server.api_key "$${options.bearerEnv}"`;
    surroundings.out(
      [
        wrap("The same loads for kubernetes-sigs/inference-perf, at rates that the roofline expects:", ""),
        ...paths.map((path) => `  inference-perf --config_file ${shellWord(path)}${token}`),
        wrap(
          `It downloads the tokenizer of ${config.server.modelId} from Hugging Face: for a gated model, set HF_TOKEN in its environment.`,
          "",
        ),
      ].join("\n"),
    );
    return 0;
  }
  checkFiles(options, loaded, directory);

  const reached = await surroundings.reach(options, surroundings);
  const { info } = reached.server;
  let measured: Measured;
  try {
    checkModel(info, config.server.modelId, options.url);
    measured = await measureUnderWatch(reached, options, config, traffic, surroundings);
  } finally {
    await reached.end();
    surroundings.released();
  }

  const bar = progress(surroundings.terminal, { label: "simulating head-room", env: surroundings.env });
  let evaluation: Evaluation;
  try {
    evaluation = await evaluate({
      ...{ measured, info, config, trafficAt, slo: sloOf(options), measuredAt: new Date() },
      ...{ coldStart: options.coldStart, rate: options.rate, seed: options.seed },
      dutyCycle: dutyCycleIn(options.dutyCycle, say),
      progress: (share, what) => bar.update(share, what),
    });
  } finally {
    bar.end();
  }
  return conclude(evaluation, loaded, options, surroundings);
}

/** The Job in a file, and what to do with it: it holds the whole command, which nobody reads on a screen. */
function keptJob(job: string, options: CalibrateOptions, { namespace }: StackConfig): string {
  const path = writeOutput(options, "calibrate-job.yaml", job);
  return [`Written: ${path}`, "", ...inClusterSteps(namespace, shellWord(path))].join("\n");
}

async function measureUnderWatch(
  { server, now }: Reached,
  options: CalibrateOptions,
  config: StackConfig,
  traffic: Traffic,
  surroundings: Surroundings,
): Promise<Measured> {
  const bar = watch(surroundings);
  try {
    return await measure({
      ...{ server, now, slo: sloOf(options), signal: surroundings.signal, heard: bar.heard },
      epochOffset: Date.now() / 1000 - now(),
      ladder: ladderOf(options, server.info.maxConcurrentRequests ?? config.server.maxConcurrentRequests),
      lengths: (seed) => lengthsOf(traffic, seed),
    });
  } finally {
    bar.end();
  }
}

/** A calibration of another model would be taken for this one's. */
function checkModel({ modelId }: ServerInfo, wanted: string, url = "The stand-in"): void {
  if (modelId === undefined || modelId === wanted) return;
  throw new Unusable(
    `${url} serves ${modelId}, and the stack ${wanted}: choose the stack that it is part of, or --set modelId=${modelId}.`,
  );
}
