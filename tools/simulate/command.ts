import { resolve } from "node:path";
import { outliveReader } from "../arguments";
import { runSimulate } from "./cli";

outliveReader();

runSimulate(process.argv.slice(2), {
  directory: resolve(__dirname, "../.."),
  out: console.log,
  error: console.error,
  terminal: process.stderr,
  color: process.stdout.isTTY === true && process.env.NO_COLOR === undefined,
}).then((code) => {
  process.exitCode = code;
});
