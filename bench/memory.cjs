// Loaded into a measured process: on exit it writes its peak resident memory, in KB, to the file descriptor it was given.
const { writeSync } = require("node:fs");

process.on("exit", () => {
  try {
    writeSync(Number(process.env.MEASURE_FD), `${process.resourceUsage().maxRSS}\n`);
  } catch {
    // A grandchild does not inherit the descriptor; only the process that was started is measured.
  }
});
