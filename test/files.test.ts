import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeDirectory } from "../tools/makeDirectory";
import { writeWhole } from "../tools/writeWhole";

describe("what commands write", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "files-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("goes through links to where they lead, which may not be there yet", () => {
    mkdirSync(join(folder, "kept"));
    const [there, link, chain] = [join(folder, "kept", "there.json"), join(folder, "link"), join(folder, "chain")];
    symlinkSync("kept/there.json", link);
    symlinkSync("link", chain);
    for (const text of ["first", "second"]) {
      writeWhole(chain, text);
      assert.equal(readFileSync(there, "utf8"), text);
    }
    assert.ok(lstatSync(link).isSymbolicLink() && lstatSync(chain).isSymbolicLink());
    assert.deepEqual(readdirSync(join(folder, "kept")), ["there.json"]);
  });

  it("keeps a file's permissions", () => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    chmodSync(file, 0o600);
    writeWhole(file, "text");
    assert.equal(statSync(file).mode & 0o777, 0o600);
  });

  it("leaves nothing beside what cannot be replaced", () => {
    mkdirSync(join(folder, "taken"));
    assert.throws(() => writeWhole(join(folder, "taken"), "text"));
    symlinkSync("loop", join(folder, "loop"));
    assert.throws(() => writeWhole(join(folder, "loop"), "text"), /ELOOP/);
    assert.deepEqual(readdirSync(folder).sort(), ["loop", "taken"]);
  });

  it("has folders made for it, or says where none can be", () => {
    makeDirectory(join(folder, "a", "b"));
    makeDirectory(join(folder, "a", "b"));
    assert.ok(statSync(join(folder, "a", "b")).isDirectory());
    writeFileSync(join(folder, "file"), "");
    assert.throws(() => makeDirectory(join(folder, "file")), /file is not a folder/);
    assert.throws(() => makeDirectory(join(folder, "file", "x", "y")), /file is not a folder/);
    // Here Node's own never returns.
    if (existsSync("/proc/self")) assert.throws(() => makeDirectory("/proc/x/y"), /no folder can be made in \/proc: /);
  });
});
