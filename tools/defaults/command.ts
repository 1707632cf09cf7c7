import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { progress } from "../report/progress";
import { judgeDefaults } from "./judge";
import { withDefaultsTable } from "./table";

const FILE = join(__dirname, "..", "..", "docs", "simulator.md");

// Half an hour is long to hear that there is no place for the table, and long enough for people to edit the document.
withDefaultsTable(readFileSync(FILE, "utf8"), []);
const bar = progress(process.stderr, { label: "judging" });
const replicas = judgeDefaults((done, all) => bar.update(done / all, `${done} of ${all}`));
bar.end();
writeFileSync(FILE, withDefaultsTable(readFileSync(FILE, "utf8"), replicas));
console.log(`${replicas.length} rows in docs/simulator.md`);
