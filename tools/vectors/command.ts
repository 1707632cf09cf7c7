import { outliveReader } from "../arguments";
import { runVectors } from "./cli";

outliveReader();

runVectors(process.argv.slice(2), { out: console.log, error: console.error }).then((code) => {
  process.exitCode = code;
});
