import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { judgeDefaults } from "./judge";
import { withDefaultsTable } from "./table";

const FILE = join(__dirname, "..", "..", "docs", "simulator.md");

const document = readFileSync(FILE, "utf8");
const replicas = judgeDefaults((done, all) => process.stderr.write(`\r${done} of ${all}`));
process.stderr.write("\r");
writeFileSync(FILE, withDefaultsTable(document, replicas));
console.log(`${replicas.length} rows in docs/simulator.md`);
