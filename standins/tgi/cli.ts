import { EXIT, exitOf, type Output } from "../../tools/arguments";
import { loadStack } from "../../tools/plan/load";
import { renderProblems } from "../../tools/plan/problems";
import { StackFileError } from "../../tools/plan/stackFile";
import { wrap } from "../../tools/plan/text";
import { TGI_VERSION } from "./identity";
import { type CommandOptions, overrides, standInCommand } from "./options";
import { type Played, playedServer } from "./played";
import { type StandIn, type StandInOptions, startStandIn } from "./standIn";

/** Where the command runs, and where it writes to. */
export interface Surroundings extends Output {
  /** Where `Pulumi.yaml` and the stack files are. */
  readonly directory: string;
}

/**
 * Runs `npm run stand-in` with its arguments.
 *
 * @returns the stand-in, which runs until it is told to end; or the exit code: 0 for help, 1 problems with the stack or
 * the port, 2 wrong usage.
 */
export async function runStandIn(args: readonly string[], surroundings: Surroundings): Promise<StandIn | number> {
  const command = standInCommand(surroundings);
  const exit = exitOf(command, args);
  if (exit !== undefined) return exit;
  const asked = command.opts<CommandOptions>();
  const played = load(asked, surroundings);
  if (played === undefined) return EXIT.problems;
  const options = optionsOf(asked, played);
  try {
    const standIn = await startStandIn({ ...options, port: asked.port });
    surroundings.out(
      asked.json ? JSON.stringify(record(standIn, played, options)) : introduction(standIn, played, options),
    );
    return standIn;
  } catch (error) {
    if (!isSystemError(error)) throw error;
    const why =
      error.code === "EADDRINUSE" ? "is in use: --port 0 takes any free one" : `cannot be had (${error.code})`;
    surroundings.error(`Port ${asked.port} ${why}.`);
    return EXIT.problems;
  }
}

function load(asked: CommandOptions, { directory, error: say }: Surroundings): Played | undefined {
  try {
    const loaded = loadStack({ directory, stack: asked.stack, overrides: overrides(asked) });
    const { config, verdict } = loaded.parsed;
    if (config !== undefined) return playedServer(config);
    say(renderProblems(loaded.stack, loaded.origin, verdict.problems));
  } catch (error) {
    // What the roofline cannot know of a stack is a problem of the stack.
    if (!(error instanceof Error)) throw error;
    say(wrap(error instanceof StackFileError ? error.message : `error: ${error.message}.`, "  ", ""));
  }
  return undefined;
}

function optionsOf(asked: CommandOptions, { modelId, limits, times }: Played) {
  const { timeScale, loadSeconds, seed } = asked;
  return {
    ...{ modelId, limits, times, timeScale, loadSeconds, seed },
    jitter: asked.jitter / 100,
    overhead: {
      perRequestSeconds: asked.overhead / 1000,
      perTokenSeconds: asked.overheadPerToken / 1000,
    },
  } satisfies StandInOptions;
}

type Options = ReturnType<typeof optionsOf>;

/** For programs. Times are the played server's own, before they are divided by `timeScale`. */
function record({ url }: StandIn, { modelId, accelerator, gpus, limits, times }: Played, options: Options): object {
  const { timeScale, jitter, overhead, loadSeconds, seed } = options;
  return {
    standIn: true,
    ...{ url, version: TGI_VERSION, modelId, accelerator, gpus },
    ...{ limits, stepTimes: times, timeScale, jitter, overhead, loadSeconds, seed },
  };
}

function introduction({ url }: StandIn, played: Played, { timeScale, jitter, overhead }: Options): string {
  const { modelId, accelerator, gpus, limits, times } = played;
  const ms = (seconds: number) => `${Number((seconds * 1000).toPrecision(3))} ms`;
  const scale =
    timeScale === 1
      ? "In real time."
      : `${timeScale} times as fast: a latency here × ${timeScale}, a rate here ÷ ${timeScale} is the played server's.`;
  return [
    `Stand-in of TGI ${TGI_VERSION} at ${url}: no model, no GPU.`,
    ...[
      `It plays ${modelId} on ${gpus} × ${accelerator}, with step times of the ${times.source}: simulated, not measured.`,
      `A prefill takes ${ms(times.prefillBaseSeconds)} and ${ms(times.prefillPerTokenSeconds)} a token; a decode step ${ms(times.decodeBaseSeconds)}, ${ms(times.decodePerSequenceSeconds)} a sequence and ${ms(times.decodePerKvTokenSeconds)} a token in the KV cache, ± ${jitter * 100} %; a request ${ms(overhead.perRequestSeconds)} before it is queued.`,
      `Limits: ${limits.maxInputTokens} tokens in, ${limits.maxTotalTokens} in all, ${limits.maxBatchPrefillTokens} a prefill, ${limits.maxBatchTotalTokens} in the KV cache, ${limits.maxConcurrentRequests} requests at once.`,
      scale,
      `SIGTERM or Ctrl+C: it answers what it has, for at most ${limits.drainSeconds} s of its time. Once more: it ends at once.`,
    ].map((line) => wrap(line, "    ", "  ")),
  ].join("\n");
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "code" in error && "syscall" in error;
}
