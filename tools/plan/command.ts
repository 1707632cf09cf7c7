import "./leanPulumi";
import { runPlan } from "./cli";

runPlan(process.argv.slice(2), {
  out: console.log,
  error: console.error,
  color: process.stdout.isTTY === true && process.env.NO_COLOR === undefined,
}).then((code) => {
  process.exitCode = code;
});
