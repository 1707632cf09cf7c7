import { type Command, Option } from "commander";
import { COLD_START_NAMES, COLD_STARTS, type ColdStartName } from "../../catalog/coldStarts";
import { collectOverrides, commandOf, NO_OVERRIDES, type Output, stackName } from "../arguments";
import type { Override } from "../plan/load";
import { rate, runLength, SLO_OPTIONS, seed, speed } from "./arguments";
import { PROFILE_NAMES } from "./traffic/profiles";

/** What a run of the command was asked. Times in seconds. */
export interface SimulateOptions {
  readonly stack: string;
  readonly set: readonly Override[];
  /** A profile, or the path of a trace. */
  readonly traffic: string;
  /** Requests per second; what the profile or the trace has without it. */
  readonly rate?: number;
  readonly duration?: number;
  readonly speed?: number;
  readonly coldStart: ColdStartName;
  readonly routing: "random" | "least-loaded";
  readonly calibration?: string;
  readonly seed: number;
  readonly compare?: true;
  readonly tune?: true;
  readonly write?: true;
  readonly sloTtft: number;
  readonly sloTpot: number;
  readonly json?: true;
  readonly out: string;
}

/** @param say where help and errors go. */
export function simulateCommand(say: Output): Command {
  const coldStarts = COLD_START_NAMES.map((name) => `${name}: ${COLD_STARTS[name].description}`).join("; ");
  return commandOf("npm run simulate --", say)
    .description("Simulates a stack under traffic, offline: what it would attain, and what it would take.")
    .option("--stack <name>", "the stack: Pulumi.<name>.yaml", stackName, "dev")
    .option("--set <key=value>", "override a config key, as often as you like", collectOverrides)
    .option("--traffic <profile|file>", `${PROFILE_NAMES.join(", ")}, or a CSV trace`, "conversation")
    .option("--rate <x>", "requests a second, instead of the traffic's own", rate)
    .option("--duration <t>", "such as 90s, 58m, 24h", runLength)
    .option("--speed <x>", "a trace so many times as fast", speed)
    .addOption(new Option("--cold-start <name>", coldStarts).choices(COLD_START_NAMES).default("streamed"))
    .addOption(
      new Option("--routing <name>", "random, as kube-proxy does, or as a gateway may")
        .choices(["random", "least-loaded"])
        .default("random"),
    )
    .option("--calibration <file>", "step times that were measured, instead of the roofline's")
    .option("--seed <n>", "another sample of the same traffic; the first of several with --compare and --tune", seed, 1)
    .addOption(SLO_OPTIONS.ttft())
    .addOption(SLO_OPTIONS.tpot())
    .addOption(new Option("--compare", "hold it against the other strategies, fixed and clairvoyant fleets"))
    .addOption(new Option("--tune", "look for the cheapest setting that meets the SLO").conflicts("compare"))
    .option("--write", "with --tune: put the setting into the stack file")
    .option("--json", "the answer as JSON (docs/simulator.md)")
    .option("--out <dir>", "where the page goes, in a folder per stack", "out")
    .setOptionValueWithSource(...NO_OVERRIDES);
}
