import { runVectors } from "./cli";

// Whoever reads (head, a pager) may have seen enough.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

runVectors(process.argv.slice(2), { out: console.log, error: console.error }).then((code) => {
  process.exitCode = code;
});
