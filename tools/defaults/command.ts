import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { judgeDefaults } from "./judge";
import { withDefaultsTable } from "./table";

const FILE = join(__dirname, "..", "..", "docs", "simulator.md");

// Half an hour is long to hear that there is no place for the table, and long enough for people to edit the document.
withDefaultsTable(readFileSync(FILE, "utf8"), []);
const replicas = judgeDefaults((done, all) => {
  if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${all}`);
});
writeFileSync(FILE, withDefaultsTable(readFileSync(FILE, "utf8"), replicas));
console.log(`${replicas.length} rows in docs/simulator.md`);
