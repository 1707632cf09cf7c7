import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { progress } from "../report/progress";
import { simulateBatches } from "./holdingBatch";

const FILE = join(__dirname, "..", "..", "catalog", "simulatedBatches.ts");
const BEGIN = "export const SIMULATED_BATCHES: readonly SimulatedBatch[] = [";

const bar = progress(process.stderr, { label: "simulating" });
const rows = simulateBatches((done, all) => bar.update(done / all, `${done} of ${all}`)).map(
  ({ parametersB, accelerator, gpus, batch }) =>
    `  { parametersB: ${parametersB}, accelerator: "${accelerator}", gpus: ${gpus}, batch: ${batch} },`,
);
bar.end();
const text = readFileSync(FILE, "utf8");
writeFileSync(FILE, `${text.slice(0, text.indexOf(BEGIN))}${[BEGIN, ...rows, "];"].join("\n")}\n`);
console.log(`${rows.length} rows in catalog/simulatedBatches.ts`);
