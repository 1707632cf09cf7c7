import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withConfigTable } from "./configTable";
import { verificationDocument } from "./verificationDocument";

const root = join(__dirname, "../..");
const readme = join(root, "README.md");

writeFileSync(readme, withConfigTable(readFileSync(readme, "utf8")));
writeFileSync(join(root, "docs/simulator-verification.md"), verificationDocument());
