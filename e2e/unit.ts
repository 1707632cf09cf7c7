import { endRun } from "./rig/run";
import { type Assignment, mochaOf } from "./units";

/** How its scenarios ended. */
export interface Result {
  readonly passes: number;
  readonly failures: number;
}

/** Ends what the process started, and the process. */
function leave(code: number): void {
  void endRun().then(() => process.exit(code));
}

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => leave(1));
// The command has gone without a word: nobody waits for a result any more.
process.once("disconnect", () => leave(1));

process.once("message", (assignment: Assignment) => {
  run(assignment).then(
    (result) => void process.send?.(result, () => leave(result.failures === 0 ? 0 : 1)),
    (error: unknown) => {
      console.error(error);
      leave(1);
    },
  );
});

async function run(assignment: Assignment): Promise<Result> {
  const mocha = await mochaOf(assignment);
  return new Promise((resolve) => {
    const runner = mocha.run(() => {
      const { passes = 0, failures = 0 } = runner.stats ?? {};
      resolve({ passes, failures });
    });
  });
}
