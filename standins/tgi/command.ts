import { resolve } from "node:path";
import { outliveReader } from "../../tools/arguments";
import { runStandIn } from "./cli";
import type { StandIn } from "./standIn";

/** What a shell says of a process that Ctrl+C ended. */
const INTERRUPTED = 130;

outliveReader();

async function main(): Promise<void> {
  const started = await runStandIn(process.argv.slice(2), {
    directory: resolve(__dirname, "../.."),
    out: console.log,
    error: console.error,
  });
  if (typeof started === "number") process.exitCode = started;
  else endOnSignal(started);
}

function endOnSignal(standIn: StandIn): void {
  let isEnding = false;
  const end = () => {
    if (isEnding) process.exit(INTERRUPTED);
    isEnding = true;
    const open = standIn.openRequests();
    console.error(`Ending: ${open === 1 ? "1 request is" : `${open} requests are`} still to be answered.`);
    void standIn.drain();
  };
  process.on("SIGTERM", end);
  process.on("SIGINT", end);
}

void main();
