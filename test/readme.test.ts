import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { KEYS } from "../config/schema";
import { configTable, withConfigTable } from "../tools/docs/configTable";

const ROOT = join(__dirname, "..");
const readme = readFileSync(join(ROOT, "README.md"), "utf8");
const scripts: Record<string, string> = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")).scripts;

describe("the README", () => {
  it("has the config table of the code: npm run docs", () => {
    assert.equal(withConfigTable(readme), readme);
    for (const key of Object.keys(KEYS)) assert.ok(configTable().includes(`| \`${key}\` |`), key);
  });

  it("refuses to generate into a document without marks", () => {
    assert.throws(() => withConfigTable("# nothing"), /marks of the config table are missing/);
  });

  it("names no script that there is not", () => {
    const named = [...readme.matchAll(/npm run (?:-s )?([a-z0-9:-]+)/g)].map((match) => match[1] ?? "");
    assert.ok(named.length > 0);
    for (const script of named) assert.ok(Object.hasOwn(scripts, script), script);
  });

  it("links to no file that there is not", () => {
    const links = [...readme.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map((match) => match[1] ?? "");
    assert.ok(links.length > 0);
    for (const link of links) assert.ok(existsSync(join(ROOT, link)), link);
  });
});
