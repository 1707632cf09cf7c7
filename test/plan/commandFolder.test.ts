import assert from "node:assert/strict";
import {
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
import { OUTPUT_FILES } from "../../tools/stackFolder";
import { Planning } from "./planning";

describe("the folder of npm start", () => {
  const planning = new Planning();
  const { directory, plan } = planning;
  after(() => planning.remove());

  it("writes the manifests, and never the token", async () => {
    const { status } = await plan("--set", "huggingFaceToken=hf_must-not-leak");
    assert.equal(status, 0);
    const files = readdirSync(join(directory, "dev"));
    assert.equal(files.length, 20);
    const text = files.map((file) => readFileSync(join(directory, "dev", file), "utf8")).join("\n");
    assert.ok(!text.includes("must-not-leak"));
    assert.ok(text.includes("<secret: only Pulumi writes it>"));
    assert.deepEqual(readdirSync(directory), ["dev"]);
  });

  it("leaves no manifest of an earlier plan behind", async () => {
    await plan("--set", "dcgmExporter=self-managed");
    assert.ok(readdirSync(join(directory, "dev")).some((file) => file.includes("daemonset")));
    await plan();
    assert.ok(!readdirSync(join(directory, "dev")).some((file) => file.includes("daemonset")));
  });

  it("leaves what the other commands have written, and a folder that is a link", async () => {
    await plan("--set", "dcgmExporter=self-managed");
    const held = join(directory, "dev");
    for (const name of OUTPUT_FILES) writeFileSync(join(held, name), `of ${name}`);
    const link = mkdtempSync(join(tmpdir(), "plan-link-"));
    symlinkSync(held, join(link, "dev"));
    const { status, stderr } = await plan("--out", link);
    assert.equal(status, 0, stderr);
    assert.ok(lstatSync(join(link, "dev")).isSymbolicLink());
    rmSync(link, { recursive: true });
    for (const name of OUTPUT_FILES) assert.equal(readFileSync(join(held, name), "utf8"), `of ${name}`);
    assert.ok(!readdirSync(held).some((file) => file.includes("daemonset")));
    for (const name of OUTPUT_FILES) rmSync(join(held, name));
  });

  it("never moves the folder, nor what the other commands write there meanwhile", async () => {
    await plan();
    const held = join(directory, "dev");
    const [file, manifest] = [join(held, "calibration.json"), "01-namespace-old.yaml"];
    writeFileSync(file, "measured");
    writeFileSync(join(held, manifest), "stale");
    // Where commands were killed while they wrote.
    const left = [join(held, ".manifests-killed"), join(held, "calibration.json.0123456789abcdef.new")];
    for (const path of left) mkdirSync(path);
    const inodes = () => [held, file].map((path) => statSync(path).ino);
    const before = inodes();
    const { status, stderr } = await plan();
    assert.equal(status, 0, stderr);
    assert.deepEqual(inodes(), before);
    assert.ok(!readdirSync(held).includes(manifest));
    for (const path of [file, ...left]) rmSync(path, { recursive: true });
  });

  it("leaves what was measured where the manifests cannot be moved into place", async () => {
    await plan();
    const held = join(directory, "dev");
    const [first = ""] = readdirSync(held);
    writeFileSync(join(held, "calibration.json"), "measured");
    rmSync(join(held, first));
    mkdirSync(join(held, first, "taken"), { recursive: true });
    const { status, stderr } = await plan();
    assert.equal(status, 1);
    assert.match(stderr, /cannot\s+be\s+written/);
    assert.equal(readFileSync(join(held, "calibration.json"), "utf8"), "measured");
    assert.deepEqual(
      readdirSync(held).filter((name) => name.startsWith(".")),
      [],
    );
    for (const name of [first, "calibration.json"]) rmSync(join(held, name), { recursive: true });
  });

  it("does not delete what it has not written", async () => {
    await plan();
    const foreign = join(directory, "dev", "keep.txt");
    writeFileSync(foreign, "mine");
    const { status, stderr } = await plan();
    assert.equal(status, 1);
    assert.match(stderr.replaceAll(/\s+/g, " "), /it holds what no plan has written: keep\.txt/);
    assert.equal(readFileSync(foreign, "utf8"), "mine");
    assert.deepEqual(
      readdirSync(directory).filter((name) => name.startsWith("dev.")),
      [],
    );
    rmSync(foreign);
  });

  it("leaves the old manifests when the new ones cannot be written", async () => {
    const file = join(directory, "file");
    writeFileSync(file, "");
    assert.equal((await plan("--out", file)).status, 1);
    assert.ok(existsSync(join(directory, "dev")));
    assert.equal(readFileSync(file, "utf8"), "");
  });
});
