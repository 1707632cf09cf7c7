import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { measure } from "./measure";

/** Ratios are gated with slack; absolute figures depend on the machine and are only reported. */
const GATED_RATIO = 1.3;
const SLACK = 1.15;

async function main(): Promise<void> {
  const figures = await measure({
    "empty program": ["--require", "tsx/cjs", "bench/empty.ts"],
    program: ["--require", "tsx/cjs", "bench/program.ts"],
    plan: ["--require", "tsx/cjs", "tools/plan/command.ts", "--out", "out/bench"],
    "type check": ["node_modules/typescript-native/bin/tsc", "--noEmit", "--checkers", "1"],
  });

  const begin = process.hrtime.bigint();
  const tests = spawnSync("npm", ["test", "--silent"], { cwd: join(__dirname, ".."), stdio: "ignore" });
  const testSeconds = Number(process.hrtime.bigint() - begin) / 1e9;

  const ratio = (figures.program?.seconds ?? 0) / (figures["empty program"]?.seconds ?? 1);

  console.log("median of 7 runs after 2 warm-ups     seconds    MB     goal");
  const goals: Readonly<Record<string, string>> = { plan: "≤ 1.5 s", "type check": "≤ 5 s, ≤ 500 MB" };
  for (const [name, { seconds, megabytes }] of Object.entries(figures)) {
    console.log(
      `${name.padEnd(36)} ${seconds.toFixed(2).padStart(8)} ${(Number.isNaN(megabytes) ? "–" : megabytes.toFixed(0)).padStart(6)}   ${goals[name] ?? ""}`,
    );
  }
  console.log(`${"npm test (one run)".padEnd(36)} ${testSeconds.toFixed(2).padStart(8)}          ≤ 20 s`);
  console.log(`program ÷ empty program: ${ratio.toFixed(2)} (goal ≤ ${GATED_RATIO})`);
  if (tests.status !== 0) {
    console.error("npm test failed");
    process.exitCode = 1;
  }
  if (ratio > GATED_RATIO * SLACK) {
    console.error(`the program takes more than ${GATED_RATIO} × ${SLACK} of an empty one`);
    process.exitCode = 1;
  }
}

void main();
