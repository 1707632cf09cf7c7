import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { isBuilt } from "../e2e/rig/binaries";
import { OBJECTIVE } from "../tools/simulate/contend";
import type { CalibrationFigures } from "./calibration";
import type { LoadFigures } from "./load";
import { type Command, type Figure, measure } from "./measure";
import { preparePreviews } from "./preview";

/** A day of traffic under four strategies takes seconds by itself. It is gated at a quarter of the speed that is the goal. */
const SIMULATOR = { runs: { warmUps: 0, runs: 3 }, seconds: 15, megabytes: 400, requestsPerSecond: 100_000, slack: 4 };

/**
 * What the load generator adds to latencies, in milliseconds, and what 80,000 requests leave behind, in MB. Latencies are
 * only reported: a machine that does something else beside it is late for reasons of its own.
 */
const LOAD = { runs: { warmUps: 0, runs: 1 }, addedTtftP99: 5, heapGrowth: 2, slack: 4 };

/** In virtual time, so that it comes out the same everywhere: the goals are the gates. */
const CALIBRATION = { runs: { warmUps: 0, runs: 1 }, worstError: 0.1, gpuHoursRatio: 1.15 };

/**
 * Ratios are gated with slack; absolute figures depend on the machine and are only reported. A preview is work of four
 * processes at once, an empty one of two: where cores are few or busy, the ratio grows with nothing changed.
 */
const RATIOS = [
  { of: "program", to: "empty program", goal: 1.3, slack: 1.15 },
  { of: "preview", to: "preview of an empty program", goal: 1.6, slack: 1.3 },
] as const;
const GOALS: Readonly<Record<string, string>> = {
  plan: "≤ 1.5 s",
  "type check": "≤ 5 s, ≤ 500 MB",
  simulator: `≤ ${SIMULATOR.seconds} s, ≤ ${SIMULATOR.megabytes} MB`,
  preview: "≤ 250 MB (the program's process)",
};

const COMMANDS: Readonly<Record<string, Command>> = {
  "empty program": { args: ["--require", "tsx/cjs", "bench/empty.ts"] },
  program: { args: ["--require", "tsx/cjs", "bench/program.ts"] },
  plan: { args: ["--require", "tsx/cjs", "tools/plan/command.ts", "--out", "out/bench"] },
  "type check": { args: ["node_modules/typescript-native/bin/tsc", "--noEmit", "--checkers", "1"] },
};
const LOAD_TEST = { "load generator": { args: ["--expose-gc", "--require", "tsx/cjs", "bench/load.ts"] } };
const CALIBRATING = { calibration: { args: ["--require", "tsx/cjs", "bench/calibration.ts"] } };
const SIMULATION = { simulator: { args: ["--require", "tsx/cjs", "bench/simulate.ts"] } };

async function main(): Promise<void> {
  const figures: Readonly<Record<string, Figure>> = {
    ...(await measure(COMMANDS)),
    ...(await measure(SIMULATION, SIMULATOR.runs)),
    ...(await measure(LOAD_TEST, LOAD.runs)),
    ...(await measure(CALIBRATING, CALIBRATION.runs)),
    ...(await previews()),
  };
  const begin = process.hrtime.bigint();
  const tests = spawnSync("npm", ["test", "--silent"], { cwd: join(__dirname, ".."), stdio: "ignore" });
  const testSeconds = Number(process.hrtime.bigint() - begin) / 1e9;

  console.log("median of 7 runs after 2 warm-ups     seconds    MB     goal");
  for (const [name, { seconds, megabytes }] of Object.entries(figures)) {
    const memory = Number.isNaN(megabytes) ? "–" : megabytes.toFixed(0);
    console.log(`${name.padEnd(36)} ${seconds.toFixed(2).padStart(8)} ${memory.padStart(6)}   ${GOALS[name] ?? ""}`);
  }
  console.log(`${"npm test (one run)".padEnd(36)} ${testSeconds.toFixed(2).padStart(8)}          ≤ 20 s`);
  const { simulator, "load generator": load, calibration } = figures;
  if (simulator !== undefined) checkSimulator(simulator);
  if (load !== undefined) checkLoad(JSON.parse(load.output));
  if (calibration !== undefined) checkCalibration(JSON.parse(calibration.output));
  if (tests.status !== 0) fail("npm test failed");
  for (const { of, to, goal, slack } of RATIOS) {
    const [numerator, denominator] = [figures[of], figures[to]];
    if (numerator === undefined || denominator === undefined) continue;
    const ratio = numerator.seconds / denominator.seconds;
    console.log(`${of} ÷ ${to}: ${ratio.toFixed(2)} (goal ≤ ${goal})`);
    if (ratio > goal * slack) fail(`the ${of} takes more than ${goal} × ${slack} of the ${to}`);
  }
}

/** Start of the process and making of the traffic included. */
function checkSimulator({ seconds, output }: Figure): void {
  const speed = Number(output) / seconds;
  console.log(`simulator: ${Math.round(speed)} requests/s (goal ≥ ${SIMULATOR.requestsPerSecond}), median of 3 runs`);
  if (!(speed >= SIMULATOR.requestsPerSecond / SIMULATOR.slack)) fail("the simulator is far slower than its goal");
}

function checkLoad(figures: LoadFigures): void {
  const { streams, addedTtftP50, addedTtftP99, latenessP50, latenessP99, heapGrowth, residentGrowth } = figures;
  const ms = (value: number) => `${value.toFixed(1)} ms`;
  console.log(
    `load generator: up to ${streams} streams: adds ${ms(addedTtftP50)} (p50), ${ms(addedTtftP99)} (p99, goal < ${LOAD.addedTtftP99} ms) to TTFT; ` +
      `sends ${ms(latenessP50)} (p50), ${ms(latenessP99)} (p99) late; ` +
      `heap grows by ${heapGrowth.toFixed(1)} MB (goal < ${LOAD.heapGrowth} MB), the process by ${residentGrowth.toFixed(0)} MB`,
  );
  if (!(heapGrowth < LOAD.heapGrowth * LOAD.slack)) fail("the load generator keeps what it should forget");
}

function checkCalibration(figures: CalibrationFigures): void {
  const { worstError, worstConstant, target, attained, gpuHours, tunedAttained, tunedGpuHours } = figures;
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  const ratio = gpuHours / tunedGpuHours;
  console.log(
    `calibration of the stand-in, simulated: ${worstConstant} is off most, by ${percent(worstError)} (goal ≤ ${percent(CALIBRATION.worstError)}); ` +
      `target ${target} attains ${percent(attained)} for ${ratio.toFixed(2)} × the GPU-hours of the best setting (goal ≤ ${CALIBRATION.gpuHoursRatio}), which attains ${percent(tunedAttained)}`,
  );
  if (!(worstError <= CALIBRATION.worstError)) fail("the calibration does not find the step times");
  if (!(attained >= OBJECTIVE)) fail("the calibrated target does not meet the SLO");
  if (!(ratio <= CALIBRATION.gpuHoursRatio)) fail("the calibrated target costs more than its goal");
}

/** Previews need the CLI that the end-to-end runs build, which takes minutes and Go: nobody has to. */
async function previews(): Promise<Record<string, Figure>> {
  if (!isBuilt("pulumi")) {
    console.log("previews are not measured: `npm run e2e -- engine` builds the Pulumi CLI that they need");
    return {};
  }
  const { commands, end } = await preparePreviews();
  try {
    return await measure(commands);
  } finally {
    await end();
  }
}

function fail(message: string): void {
  console.error(message);
  process.exitCode = 1;
}

void main();
