import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { simulateBatches } from "./holdingBatch";

const FILE = join(__dirname, "..", "..", "catalog", "simulatedBatches.ts");
const BEGIN = "export const SIMULATED_BATCHES: readonly SimulatedBatch[] = [";

const rows = simulateBatches((done, all) => {
  if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${all}`);
}).map(
  ({ parametersB, accelerator, gpus, batch }) =>
    `  { parametersB: ${parametersB}, accelerator: "${accelerator}", gpus: ${gpus}, batch: ${batch} },`,
);
const text = readFileSync(FILE, "utf8");
writeFileSync(FILE, `${text.slice(0, text.indexOf(BEGIN))}${[BEGIN, ...rows, "];"].join("\n")}\n`);
console.log(`${rows.length} rows in catalog/simulatedBatches.ts`);
