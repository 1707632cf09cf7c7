import "./leanPulumi";
import { resolve } from "node:path";
import { outliveReader } from "../arguments";
import { runPlan } from "./cli";

outliveReader();

runPlan(process.argv.slice(2), {
  directory: resolve(__dirname, "../.."),
  out: console.log,
  error: console.error,
  color: process.stdout.isTTY === true && process.env.NO_COLOR === undefined,
}).then((code) => {
  process.exitCode = code;
});
