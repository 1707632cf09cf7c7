import { resolve } from "node:path";
import { runSimulate } from "./cli";

// Whoever reads (head, a pager) may have seen enough.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

runSimulate(process.argv.slice(2), {
  directory: resolve(__dirname, "../.."),
  out: console.log,
  error: console.error,
  terminal: process.stderr,
  color: process.stdout.isTTY === true && process.env.NO_COLOR === undefined,
}).then((code) => {
  process.exitCode = code;
});
