import type { Command } from "commander";
import { ACCELERATOR_NAMES } from "../../catalog/accelerators";
import { TGI } from "../../catalog/tgi";
import {
  between,
  collectOverrides,
  commandOf,
  NO_OVERRIDES,
  type Output,
  stackName,
  whole,
} from "../../tools/arguments";
import type { Override } from "../../tools/plan/load";
import { MAX_SEED } from "../../tools/simulate/traffic/random";
import { DEFAULT_JITTER, DEFAULT_OVERHEAD } from "./standIn";

/** What a run of the command was asked. */
export interface CommandOptions {
  readonly stack: string;
  readonly set: readonly Override[];
  readonly model?: string;
  readonly accelerator?: string;
  readonly gpus?: number;
  readonly port: number;
  readonly timeScale: number;
  /** Percent. */
  readonly jitter: number;
  /** Milliseconds, of a request and of a token of its prompt. */
  readonly overhead: number;
  readonly overheadPerToken: number;
  readonly loadSeconds: number;
  readonly seed: number;
  readonly json?: true;
}

/**
 * What still resembles a server, and no more than timers hold: beyond, the figures would say nothing, or steps would
 * take less than this machine does.
 */
const BOUNDS = {
  timeScale: between(0.001, 1000),
  jitterPercent: between(0, 100),
  overheadMs: between(0, 60_000),
  overheadPerTokenMs: between(0, 100),
  loadSeconds: between(0, 86_400),
} as const;

/** @param say where help and errors go. */
export function standInCommand(say: Output): Command {
  const { perRequestSeconds, perTokenSeconds } = DEFAULT_OVERHEAD;
  return commandOf("npm run stand-in --", say)
    .description(
      "Plays one TGI server of a stack on this machine, without a GPU: its HTTP interface, batching and metrics, with step times simulated from the roofline. It says plain words, as many as it may. Until Ctrl+C or SIGTERM.",
    )
    .option("--stack <name>", "the stack: Pulumi.<name>.yaml", stackName, "dev")
    .option("--set <key=value>", "override a config key, as often as you like", collectOverrides)
    .option("--model <id>", "another model than the stack's")
    .option("--accelerator <name>", `another GPU: ${ACCELERATOR_NAMES.join(", ")}`)
    .option("--gpus <n>", "another number of GPUs", whole(1, 16))
    .option("--port <n>", "where it listens, on this machine only; 0 for any free one", whole(0, 65_535), TGI.port)
    .option("--time-scale <x>", "so many times as fast: divide what you want to compare by it", BOUNDS.timeScale, 1)
    .option("--jitter <percent>", "spread of the steps' times", BOUNDS.jitterPercent, DEFAULT_JITTER * 100)
    .option("--overhead <ms>", "of a request, before it is queued", BOUNDS.overheadMs, perRequestSeconds * 1000)
    .option(
      "--overhead-per-token <ms>",
      "and of a token of its prompt",
      BOUNDS.overheadPerTokenMs,
      perTokenSeconds * 1000,
    )
    .option("--load-seconds <s>", "how long it loads its model first", BOUNDS.loadSeconds, 0)
    .option("--seed <n>", "another sample of the jitter", whole(0, MAX_SEED), 1)
    .option("--json", "first line: one JSON object with the address and what is played")
    .setOptionValueWithSource(...NO_OVERRIDES);
}

/** The config keys that the options come to. The server's own options win. */
export function overrides({ set, model, accelerator, gpus }: CommandOptions): readonly Override[] {
  const pairs = [
    ["modelId", model],
    ["accelerator", accelerator],
    ["gpusPerReplica", gpus],
  ] as const;
  return [...set, ...pairs.flatMap(([key, value]) => (value === undefined ? [] : [{ key, value: String(value) }]))];
}
