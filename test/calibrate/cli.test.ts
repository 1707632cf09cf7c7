import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse as parseYaml } from "yaml";
import { loadStack } from "../../tools/plan/load";
import { parseCalibration } from "../../tools/simulate/server/calibration";
import { digestOf } from "../../tools/simulate/server/digest";
import { TIMES, Workplace } from "./workplace";

describe("npm run calibrate", function () {
  this.timeout(60_000);
  let place: Workplace;
  beforeEach(() => {
    place = new Workplace();
  });
  afterEach(() => place.remove());

  it("ends with a target, a calibration that the simulator reads, and both in the stack file", async () => {
    const before = place.stackFile();
    const { code, out, error, ended } = await place.run([
      ...place.short,
      "--set",
      "metricStrategy=batch-size",
      "--write",
    ]);
    assert.equal(code, 0, error);
    assert.equal(ended, 1);
    assert.match(out, /Measured on a running server\./);
    assert.match(out, /Only \d\d? requests were measured at the knee/);
    assert.deepEqual(place.files(), ["calibration.html", "calibration.json"]);
    const text = place.written("calibration.json");
    const { decodeBaseSeconds, model, gpus } = parseCalibration(text, "calibration.json");
    assert.ok(Math.abs(decodeBaseSeconds / TIMES.decodeBaseSeconds - 1) < 0.1, String(decodeBaseSeconds));
    assert.deepEqual([model, gpus], ["google/gemma-2-2b-it", 1]);

    const config = parseYaml(place.stackFile()).config;
    assert.equal(config["gke-llm-autoscaling:calibration"], digestOf(text));
    assert.equal(config["gke-llm-autoscaling:metricStrategy"], "batch-size");
    const target = config["gke-llm-autoscaling:metricTarget"];
    assert.match(
      out,
      new RegExp(
        `^One server holds \\d[.\\d]* requests a second within\\s+the\\s+SLO,\\s+simulated\\s+with\\s+the\\s+step\\s+times\\s+that\\s+were\\s+measured;\\s+the\\s+target\\s+for\\s+batch-size\\s+is\\s+${target}\\.`,
      ),
    );
    assert.match(out, /Targets\n {2}The HPA adds a replica only above target × 1\.1/);
    const said = out.slice(out.indexOf("below config:"));
    for (const key of ["metricTarget", "calibration", "scaleBehavior"]) {
      assert.equal(
        said.includes(`gke-llm-autoscaling:${key}:`),
        config[`gke-llm-autoscaling:${key}`] !== undefined,
        key,
      );
    }
    for (const comment of before.match(/#.*/g) ?? []) assert.ok(place.stackFile().includes(comment), comment);
    const { parsed } = loadStack({ directory: place.folder, stack: "dev", overrides: [] });
    assert.deepEqual(parsed.verdict.problems, []);
    assert.deepEqual(parsed.config?.autoscaler.metrics, [{ strategy: "batch-size", target }]);
    // Lines for the stack file, commands and paths stay whole.
    for (const line of out.split("\n"))
      assert.ok(
        line.length <= 80 || /^ {2}gke-llm-autoscaling:|^(Calibration|Charts): |^ {2}npm run /.test(line),
        line,
      );
  });

  it("answers a program with one document, and says meanwhile how far it is", async () => {
    const { code, out, error } = await place.run([
      ...[...place.short, "--max-concurrency", "64"],
      ...["--set", "metricStrategy=batch-size", "--json"],
    ]);
    assert.equal(code, 0);
    const answer = JSON.parse(out);
    const loads = answer.stages.map(({ load }: { load: Record<string, unknown> }) =>
      load.kind === "closed" ? [0, load.concurrency] : [1, load.requestsPerSecond],
    );
    const sorted = loads.toSorted((a: number[], b: number[]) => (a[0] ?? 0) - (b[0] ?? 0) || (a[1] ?? 0) - (b[1] ?? 0));
    assert.deepEqual(loads, sorted, "closed loads, then open ones, the lightest first");
    assert.equal(answer.calibrationFile, place.written("calibration.json"));
    assert.ok(answer.stages.length > 6);
    // Minutes of silence look like a fault: how far it is goes where no program reads.
    const said = error.split("\n");
    assert.equal(said.length, answer.stages.length);
    for (const line of said) assert.match(line, /^\d+\/\d+, .+, TTFT p95 [\d.]+ m?s$/);
  });

  it("goes on without the server's metrics", async () => {
    const { code, out } = await place.run([...place.short, "--set", "metricStrategy=batch-size"], {
      server: { hasMetrics: false },
    });
    assert.equal(code, 0);
    assert.match(out, /the\s+target\s+for\s+batch-size/);
  });

  it("says where the server is not as the stack has it", async () => {
    const { out } = await place.run([...place.short, "--set", "maxInputTokens=2048"]);
    assert.match(out, /The server has maxInputTokens 4096, and the stack 2048\./);
  });

  it("finds a target for a model that is not in the catalogue, whose KV cache nobody waited for", async () => {
    const unknown = ["modelId=a/b", "gpusPerReplica=1", "serverMemory=16Gi", "serverDisk=20Gi", "metricTarget=1"];
    const set = [...unknown, "metricStrategy=batch-size"].flatMap((it) => ["--set", it]);
    const { code, out, error } = await place.run([...place.short, ...set], { modelId: "a/b" });
    assert.equal(code, 0, error);
    assert.match(out, /batch-size \(the stack's own\): target \d/);
    const { maxBatchTotalTokens = 0 } = parseCalibration(place.written("calibration.json"), "calibration.json");
    assert.ok(maxBatchTotalTokens >= 8192, "one full request at least");
  });

  it("takes no cache for real in which a full request has no room", async () => {
    const { code, error } = await place.run([...place.short, "--set", "metricStrategy=batch-size"], {
      server: { maxBatchTotalTokens: 7000 },
    });
    assert.equal(code, 0, error);
    assert.equal(parseCalibration(place.written("calibration.json"), "calibration.json").maxBatchTotalTokens, 8192);
  });

  it("marks what was measured on the stand-in, in all that it writes", async () => {
    const { out } = await place.run([...place.short, "--set", "metricStrategy=batch-size"], { isStandIn: true });
    assert.match(out, /Measured on the stand-in: its step times are simulated, no GPU ran/);
    assert.match(place.written("calibration-stand-in.html"), /Measured on the stand-in/);
    assert.match(place.written("calibration-stand-in.json"), /Measured on the stand-in/);
  });

  it("leaves the calibration of a real server where it is when it measures the stand-in", async () => {
    const args = [...place.short, "--set", "metricStrategy=batch-size"];
    await place.run(args);
    const [file, page] = [place.written("calibration.json"), place.written("calibration.html")];
    const { out } = await place.run(args, { isStandIn: true });
    assert.deepEqual([place.written("calibration.json"), place.written("calibration.html")], [file, page]);
    assert.match(out, /^Calibration: \S+calibration-stand-in\.json$/m);
    assert.match(out, /^Charts: \S+calibration-stand-in\.html$/m);
  });

  it("prints how to simulate what it found: with the target, unless that stands in the stack file", async () => {
    const args = [...place.short, "--set", "metricStrategy=batch-size", "--set", "maxReplicas=1"];
    const simulate = async (...more: readonly string[]) => {
      const { out } = await place.run([...args, ...more]);
      return /^ {2}npm run simulate -- (.*)$/m.exec(out)?.[1] ?? assert.fail(out);
    };
    const values = await simulate();
    assert.match(values, /^--traffic \S+trace\.csv --calibration \S+calibration\.json --set maxReplicas=4 /);
    // The traffic has one a second, which is more than half of what one server holds.
    assert.match(values, /--set metricStrategy=batch-size --set maxReplicas=1 --set metricTarget=\d\S* --rate 0\.\d+$/);
    assert.doesNotMatch(await simulate("--write"), /metricTarget/);
  });

  it("tries targets on no more traffic than half of maxReplicas hold, unless a rate was asked for", async () => {
    const rateOf = async (...more: readonly string[]) => {
      const { out } = await place.run([...place.short, ...more, "--json"]);
      const answer = JSON.parse(out);
      const [, rate] = /recorded, ([\d.]+) requests\/s/.exec(answer.assumptions.join("\n")) ?? assert.fail(out);
      // Of few requests the simulation knows better what a server holds.
      return { rate: Number(rate), held: answer.knee.simulatedRequestsPerSecond };
    };
    // The trace has one a second.
    assert.equal((await rateOf("--set", "maxReplicas=4")).rate, 1);
    const { rate, held } = await rateOf("--set", "maxReplicas=1");
    assert.ok(Math.abs(rate - held / 2) < 0.01, `${rate} of ${held}`);
    assert.equal((await rateOf("--set", "maxReplicas=1", "--rate", "0.9")).rate, 0.9);
  });

  it("reads the GPU's duty cycle, and has a target for its signals", async () => {
    const file = join(place.folder, "duty.csv");
    const now = Date.now() / 1000;
    const samples = Array.from({ length: 600 }, (_, second) => `${(now + second).toFixed(0)},${80 + (second % 10)}`);
    writeFileSync(file, ["timestamp,duty_cycle", ...samples].join("\n"));
    const { code, out } = await place.run([
      ...place.short,
      "--duty-cycle",
      file,
      "--set",
      "metricStrategy=gke-duty-cycle",
    ]);
    assert.equal(code, 0);
    assert.match(out, /gke-duty-cycle \(the stack's own\): (target \d|no target \(at the knee 8\d)/);
  });
});
