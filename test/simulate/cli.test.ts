import assert from "node:assert/strict";
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { parse } from "yaml";
import { runSimulate } from "../../tools/simulate/cli";
import { whileReadOnly } from "../support/readOnly";

/** Not the repository's own stack files: their owner has the command write into them. */
const PROJECT = join(__dirname, "..", "fixtures", "project");
const MINUTES = ["--duration", "10m"];

describe("npm run simulate", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "simulate-"));
    for (const name of ["Pulumi.yaml", "Pulumi.dev.yaml"]) copyFileSync(join(PROJECT, name), join(folder, name));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function run(...args: readonly string[]) {
    const out: string[] = [];
    const error: string[] = [];
    const code = await runSimulate([...args, "--out", join(folder, "out")], {
      directory: folder,
      out: (text) => out.push(text),
      error: (text) => error.push(text),
      terminal: new Writable({ write: (_chunk, _encoding, done) => done() }),
      color: false,
    });
    return { code, out: out.join("\n"), error: error.join("\n") };
  }
  const page = () => readFileSync(join(folder, "out", "dev", "simulation.html"), "utf8");

  it("says first what comes of it, then each figure, the charts and what is assumed, within 80 columns", async () => {
    const { code, out } = await run(...MINUTES);
    assert.equal(code, 0);
    assert.match(out, /^Simulated, the stack (meets|misses) the SLO: \d+\.\d % of the requests within it/);
    for (const name of [
      "within the SLO",
      "time to first token",
      "time per output token",
      "refused with 429",
      "over the limits",
      "GPU-hours",
      "replica changes",
      "time at the maximum",
      "longest reaction",
      "Load, requests per second",
      "Replicas",
      "queue-size, requests",
      "Assumptions",
      "[estimate]",
      "docs/simulator.md",
    ]) {
      assert.ok(out.includes(name), `${name} is missing from\n${out}`);
    }
    for (const line of out.split("\n")) assert.ok(line.length <= 80, line);
  });

  it("hints once at measuring where nothing was measured", async () => {
    for (const args of [[], ["--compare"]]) {
      const { out } = await run(...MINUTES, ...args);
      assert.equal(out.match(/npm\s+run\s+calibrate/g)?.length, 1, out);
      assert.match(page(), /npm run calibrate/);
    }
  });

  it("says so where the stack's target was measured, and its calibration is not what it simulates with", async () => {
    const digest = `sha256:${"0a".repeat(32)}`;
    const { out } = await run(...MINUTES, "--set", `calibration=${digest}`, "--set", "metricTarget=1");
    assert.match(out, /The\s+stack's\s+target\s+was\s+measured/);
    assert.match(page(), /give its calibration file with --calibration/);
  });

  it("writes a page that needs nothing from elsewhere and says that it is simulated", async () => {
    await run(...MINUTES);
    const html = page();
    assert.match(html, /Simulated/);
    assert.doesNotMatch(html, /<script|(?:src|href)="(?!#)|@import|url\((?!#)/);
    assert.deepEqual(readdirSync(join(folder, "out", "dev")), ["simulation.html"]);
  });

  it("gives the same for the same seed, and something else for another", async () => {
    const figures = async (...args: readonly string[]) => (await run(...MINUTES, "--json", ...args)).out;
    assert.equal(await figures(), await figures());
    assert.notEqual(await figures(), await figures("--seed", "2"));
  });

  it("tells programs, too, that it is simulated, and on what", async () => {
    const answer = JSON.parse((await run(...MINUTES, "--json")).out);
    assert.deepEqual([answer.simulated, answer.stack, answer.stepTimes], [true, "dev", "roofline"]);
    assert.match(answer.assumptions.join(" "), /\[estimate\]/);
  });

  it("simulates what is set", async () => {
    const batch = await run(...MINUTES, "--set", "metricStrategy=batch-size", "--set", "metricTarget=7");
    assert.match(batch.out, /batch-size, requests .*target 7/);
    assert.match((await run(...MINUTES, "--rate", "1")).out, /at 1\.00\s+requests\/s/);
    assert.match((await run(...MINUTES, "--cold-start", "stock-out")).out, /never \(no GPU is to be had/);
  });

  it("says in the first line that a stack cannot hold the load", async () => {
    const { code, out } = await run(...MINUTES, "--rate", "40");
    assert.equal(code, 0);
    assert.match(out, /^Simulated, this stack cannot hold the load: with all of maxReplicas \(5\)/);
  });

  it("says in the first line that no request came, whatever it was asked", async () => {
    const none = ["--rate", "0.000001", ...MINUTES];
    const { code, out } = await run(...none);
    assert.equal(code, 0);
    assert.match(out, /within the SLO +– of 0 requests/);
    for (const said of [out, (await run(...none, "--compare")).out, (await run(...none, "--tune")).out]) {
      assert.match(said, /^Simulated, no request came: /);
      assert.doesNotMatch(said, /meets the SLO: /);
    }
  });

  it("says in the first line that all requests are too long", async () => {
    const file = join(folder, "long.csv");
    writeFileSync(file, "timestamp,input_tokens,output_tokens\n0,90000,10\n60,90000,10\n");
    assert.match((await run("--traffic", file)).out, /^Simulated, there is nothing to judge: all requests \(2\) are/);
  });

  it("compares the strategies with the tutorial, a fixed fleet and a clairvoyant", async () => {
    const { out } = await run(...MINUTES, "--compare");
    for (const label of ["queue-size at 0.5", "batch-size at 11", "gke-duty-cycle at 90", "dcgm-gpu-util at 90"]) {
      assert.ok(out.includes(label), `${label} is missing from\n${out}`);
    }
    assert.match(out, /the tutorial as written .*\n/);
    assert.match(out, /a fixed fleet of \d+ /);
    assert.match(out, /clairvoyant +(\d+\.\d % +){2}\d+\.\d+ +1\.00/);
    assert.match(out, /4 samples of the traffic \(--seed 1 to 4\)/);
    for (const line of out.split("\n")) assert.ok(line.length <= 80, line);
    assert.match(page(), /side by side/);
  });

  it("tunes one strategy where it is set, and writes the setting into the stack file, comments kept", async () => {
    const before = readFileSync(join(folder, "Pulumi.dev.yaml"), "utf8");
    const args = ["--tune", "--duration", "20m", "--rate", "2", "--set", "metricStrategy=batch-size"];
    const { code, out } = await run(...args, "--write");
    assert.equal(code, 0);
    assert.match(out, /For the stack file, below config:\n {2}gke-llm-autoscaling:metricStrategy: batch-size\n/);
    assert.match(out, /tuned, on traffic held out/);
    const after = readFileSync(join(folder, "Pulumi.dev.yaml"), "utf8");
    for (const line of before.split("\n").filter((it) => it.trim().startsWith("#")))
      assert.ok(after.includes(line), line);
    const target = /gke-llm-autoscaling:metricTarget: ([\d.]+)/;
    assert.equal(target.exec(after)?.[1], target.exec(out)?.[1]);
    const keys = Object.keys(parse(after).config);
    assert.deepEqual(keys.slice(0, 5), Object.keys(parse(before).config), "what was there keeps its order");
    // The stack file is still one that the simulator takes.
    assert.equal((await run(...MINUTES)).code, 0);
  });

  it("leaves the stack file alone without --write", async () => {
    const before = readFileSync(join(folder, "Pulumi.dev.yaml"), "utf8");
    await run("--tune", "--duration", "2m", "--rate", "1", "--set", "metricStrategy=batch-size");
    assert.equal(readFileSync(join(folder, "Pulumi.dev.yaml"), "utf8"), before);
  });

  it("writes no setting where the HPA never had to scale: nothing follows from such traffic", async () => {
    const before = readFileSync(join(folder, "Pulumi.dev.yaml"), "utf8");
    const idle = ["--tune", "--duration", "2m", "--rate", "0.2", "--set", "metricStrategy=queue-size"];
    const { code, out, error } = await run(...idle, "--write");
    assert.equal(code, 1);
    assert.match(out, /^Simulated, no setting follows from this traffic: the HPA never had to scale/);
    assert.match(out, /was\s+not\s+put\s+to\s+the\s+test/);
    assert.doesNotMatch(out, /For the stack file/);
    assert.match(error.replace(/\s+/g, " "), /^Pulumi\.dev\.yaml is left as it is: .* never scaled/);
    assert.equal(readFileSync(join(folder, "Pulumi.dev.yaml"), "utf8"), before);
    const asked = await run(...idle, "--json");
    assert.deepEqual([asked.code, asked.error, JSON.parse(asked.out).scaled], [0, "", false]);
  });

  const refused: readonly (readonly [readonly string[], number, RegExp])[] = [
    [["--slo-ttft", "2"], 2, /"2" has no unit/],
    [["--rate", "0"], 2, /above\s+0/],
    [["--rate", "NaN"], 2, /above\s+0/],
    [["--rate", "1e3"], 2, /in\s+decimal\s+digits,\s+without\s+an\s+exponent/],
    [["--rate", "100000"], 2, /--rate.*at\s+most\s+10000/s],
    [["--duration", "30000h"], 2, /--duration.*at\s+most\s+31d/s],
    [["--traffic", "mine.csv", "--speed", "1001"], 2, /--speed.*at\s+most\s+1000/s],
    [["--seed", "-1"], 2, /whole number/],
    [["--seed", "1e9"], 2, /whole\s+number.*without\s+an\s+exponent/s],
    [["--cold-start", "warm"], 2, /Allowed choices\s+are warm-node/],
    [["--traffic", "konversation"], 2, /Did you mean\s+conversation\?.*conversation, code, diurnal/s],
    [["--write"], 2, /needs --tune/],
    [["--compare", "--tune"], 2, /cannot be used with/],
    [["--traffic", "nowhere.csv"], 1, /nowhere\.csv: there is no such file/],
    [["--calibration", "nowhere.json"], 1, /nowhere\.json: cannot be read/],
    [["--stack", "nobody"], 1, /there is no such stack file/],
    [["--set", "maxReplicas=0"], 1, /maxReplicas/],
    [
      [
        "--set",
        "modelId=somebody/else",
        "--set",
        "gpusPerReplica=1",
        "--set",
        "serverMemory=10Gi",
        "--set",
        "serverDisk=10Gi",
      ],
      1,
      /not in the catalogue: only a calibration file tells/,
    ],
  ];
  for (const [args, code, message] of refused) {
    it(`refuses ${args.join(" ")}, says why, and leaves no file`, async () => {
      const result = await run(...args);
      assert.equal(result.code, code);
      assert.match(result.error, message);
      assert.ok(!existsSync(join(folder, "out")));
    });
  }

  it("shows no empty list in its help, and has one all the same", async () => {
    const { code, out } = await run("--help");
    assert.equal(code, 0);
    assert.doesNotMatch(out, /\[\]/);
    assert.match(out, /--set <key=value> +override a config key/);
  });

  it("names file, line and fault of a trace that cannot be used", async () => {
    const file = join(folder, "trace.csv");
    writeFileSync(file, "timestamp,input_tokens,output_tokens\n0,100,10\n1,-5 and more than a line has room for,10\n");
    const { code, error } = await run("--traffic", file);
    assert.equal(code, 1);
    assert.match(error, /trace\.csv:3: /);
    for (const line of error.split("\n")) assert.ok(line.length <= 80, line);
  });

  it("says before it tunes that the stack file cannot be replaced", async () => {
    const { code, out, error } = await whileReadOnly(folder, () => run("--tune", "--write"));
    assert.deepEqual([code, out], [1, ""]);
    assert.match(error.replace(/\s+/g, " "), /Pulumi\.dev\.yaml: cannot be written \(EROFS/);
  });

  it("says before it simulates that the page cannot be written", async () => {
    writeFileSync(join(folder, "out"), "");
    const { code, error } = await run("--duration", "1m");
    assert.equal(code, 1);
    assert.match(error.replace(/\s+/g, " "), /out\/dev: cannot be written \(.*out is not a folder\)/);
  });
});
