import { lookAround } from "./rig/failures";
import { hasFault } from "./rig/faults";
import { type Holdings, onHoldings } from "./rig/holdings";
import { beginRun, endRun } from "./rig/run";
import { type Assignment, findUnits, mochaOf, type Search, type Unit } from "./units";

/** How its scenarios ended. */
export interface Result {
  readonly passes: number;
  readonly failures: number;
  /** Those of the scenarios that nobody asked for: they lead to one that somebody did. */
  readonly leading: number;
}

/** What the process is asked, one thing at a time. */
export type Request = { readonly find: Search } | { readonly run: Assignment };

/** What it says of itself: its output as it comes, and what it would leave behind if it were killed. */
export type Remark = { readonly output: string } | { readonly holdings: Holdings };

/** What it answers to a request. One channel for both keeps their order. */
export type Reply = { readonly units: readonly Unit[] } | { readonly result: Result };

let isLeaving = false;

/** Ends what the process started, and the process. */
function leave(code: number): void {
  isLeaving = true;
  // What cannot be removed is said; the process must not stay for it.
  void endRun()
    .catch(console.error)
    .finally(() => process.exit(code));
}

// Not once: where nobody listens any more, the loader of our TypeScript ends the process before its folders are gone.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => leave(1));
// Nobody asks any more; a command that has gone without a word waits for nothing.
process.once("disconnect", () => leave(0));

for (const stream of [process.stdout, process.stderr]) {
  stream.write = (chunk: string | Uint8Array) => {
    tell({ output: typeof chunk === "string" ? chunk : Buffer.from(chunk).toString() });
    return true;
  };
}

onHoldings((holdings) => tell({ holdings }));

process.on("message", (request: Request) => {
  if (isLeaving) return;
  answer(request).then(tell, (error: unknown) => {
    console.error(error);
    leave(1);
  });
});

function tell(message: Remark | Reply): void {
  if (process.connected) process.send?.(message);
}

async function answer(request: Request): Promise<Reply> {
  if ("find" in request) return { units: await findUnits(request.find) };
  const result = await run(request.run);
  // The next unit must find nothing of this one.
  await endRun();
  return { result };
}

async function run(assignment: Assignment): Promise<Result> {
  const { text } = assignment;
  const mocha = await mochaOf(assignment);
  beginRun();
  return new Promise((resolve) => {
    let leading = 0;
    const runner = mocha.run(() => {
      const { passes = 0, failures = 0 } = runner.stats ?? {};
      resolve({ passes, failures, leading });
    });
    runner.on("test end", (test) => {
      if (text !== undefined && !test.fullTitle().includes(text)) leading += 1;
    });
    runner.on("fail", (_, failure) => {
      lookAround(failure);
      // Where the rig itself has failed, what would come says nothing.
      if (hasFault()) runner.abort();
    });
  });
}
