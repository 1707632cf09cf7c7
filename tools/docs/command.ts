import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withConfigTable } from "./configTable";

const readme = join(__dirname, "../../README.md");

writeFileSync(readme, withConfigTable(readFileSync(readme, "utf8")));
