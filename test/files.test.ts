import assert from "node:assert/strict";
import fs, {
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
import { prepareFolder, writeOutput } from "../tools/stackFolder";
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

  it("keeps a file's permissions, whatever a new file would have", () => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    const umask = process.umask(0o077);
    try {
      for (const mode of [0o600, 0o664, 0o444]) {
        chmodSync(file, mode);
        writeWhole(file, "text");
        assert.equal(statSync(file).mode & 0o7777, mode);
      }
    } finally {
      process.umask(umask);
    }
  });

  it("takes no name that may be somebody's for what it writes first", () => {
    const file = join(folder, "file");
    writeFileSync(`${file}.new`, "another's");
    writeWhole(file, "text");
    assert.equal(readFileSync(`${file}.new`, "utf8"), "another's");
    assert.deepEqual(readdirSync(folder).sort(), ["file", "file.new"]);
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
    symlinkSync("nowhere", join(folder, "dangling"));
    for (const path of ["dangling", join("dangling", "x")]) {
      assert.throws(() => makeDirectory(join(folder, path)), /dangling is a link that leads nowhere/);
    }
    // Here Node's own never returns.
    if (existsSync("/proc/self")) assert.throws(() => makeDirectory("/proc/x/y"), /no folder can be made in \/proc: /);
  });

  it("takes a folder that another command makes at the same moment", () => {
    const make = fs.mkdirSync;
    const twice = (path: string) => {
      make(path);
      return make(path);
    };
    Object.assign(fs, { mkdirSync: twice });
    try {
      makeDirectory(join(folder, "a", "b"));
    } finally {
      Object.assign(fs, { mkdirSync: make });
    }
    assert.ok(statSync(join(folder, "a", "b")).isDirectory());
  });

  it("is refused before work is done where a folder is read-only, with the fix", () => {
    const access = fs.accessSync;
    // Not by its mode: root may write everywhere.
    const readOnly = (path: string, mode?: number) => {
      if (mode === fs.constants.W_OK) throw new Error(`EROFS: read-only file system, access '${path}'`);
      access(path, mode);
    };
    Object.assign(fs, { accessSync: readOnly });
    try {
      const stack = { out: folder, stack: "dev" };
      assert.throws(
        () => prepareFolder(stack),
        /dev: cannot be written \(EROFS.*\)\. Choose another folder with --out\.$/,
      );
    } finally {
      Object.assign(fs, { accessSync: access });
    }
    mkdirSync(join(folder, "dev", "calibration.json"), { recursive: true });
    const write = () => writeOutput({ out: folder, stack: "dev" }, "calibration.json", "{}");
    assert.throws(write, /calibration\.json: cannot be written \(.*\)\. Choose another folder with --out\.$/);
  });
});
