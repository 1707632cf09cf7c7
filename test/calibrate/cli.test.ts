import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse as parseYaml } from "yaml";
import { type LoadedServer, ServerLost } from "../../tools/calibrate/contract";
import { ServerFault } from "../../tools/calibrate/load/faults";
import { loadStack } from "../../tools/plan/load";
import { parseCalibration } from "../../tools/simulate/server/calibration";
import { digestOf } from "../../tools/simulate/server/digest";
import type { VirtualServer } from "../support/virtualServer";
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

  it("keeps all else where the page cannot be written", async () => {
    mkdirSync(join(place.folder, "out", "dev", "calibration.html"), { recursive: true });
    const { code, out, error } = await place.run([...place.short, "--set", "metricStrategy=batch-size", "--write"]);
    assert.equal(code, 1);
    assert.match(error.replace(/\s+/g, " "), /calibration\.html: cannot be written/);
    const digest = digestOf(place.written("calibration.json"));
    assert.equal(parseYaml(place.stackFile()).config["gke-llm-autoscaling:calibration"], digest);
    assert.match(out, /^One server holds [\s\S]*\nTargets\n[\s\S]*\nCalibration: /);
  });

  it("says what was measured where the calibration cannot be written", async () => {
    mkdirSync(join(place.folder, "out", "dev", "calibration.json"), { recursive: true });
    const { code, out, error } = await place.run([...place.short, "--set", "metricStrategy=batch-size"]);
    assert.equal(code, 1);
    assert.match(error.replace(/\s+/g, " "), /calibration\.json: cannot be written/);
    assert.match(out, /^One server holds [\s\S]*\nTargets\n/);
    assert.doesNotMatch(out, /^Calibration:/m);
  });

  it("says so where not even one client at a time gets what the SLO asks for, and writes nothing", async () => {
    const before = place.stackFile();
    const { code, out, error } = await place.run([...place.short, "--slo-tpot", "5ms", "--write"]);
    assert.equal(code, 1);
    assert.match(out, /^The SLO is not met even under the lightest load, \S+ a second: no target/);
    assert.match(error, /nothing is written, since the stack's strategy has no target that holds/);
    assert.deepEqual(place.files(), ["calibration.html"]);
    assert.equal(place.stackFile(), before);
  });

  it("reports what it has when it is interrupted, marked as incomplete, and leaves the stack file alone", async () => {
    const before = place.stackFile();
    const interrupted = (server: VirtualServer, abort: () => void): LoadedServer => {
      let stages = 0;
      return {
        run: async (stage, lengths, observer, signal) => {
          stages += 1;
          if (stages === 4) abort();
          await server.run(stage, lengths, observer, signal);
        },
      };
    };
    const { code, out, error } = await place.run([...place.short, "--write"], { through: interrupted });
    assert.equal(code, 130);
    assert.match(out, /Incomplete: it was interrupted\./);
    assert.deepEqual(out.match(/\d at once +\d/g)?.length, 3);
    assert.match(error, /nothing is written, since the measuring was not finished/);
    assert.match(place.written("calibration-partial.html"), /interrupted/);
    assert.deepEqual(place.files(), ["calibration-partial.html"], "a whole one is left alone");
    assert.equal(place.stackFile(), before);
  });

  it("keeps a load's finished repetitions when a later one is interrupted", async () => {
    const interrupted = (server: VirtualServer, abort: () => void): LoadedServer => {
      const seen = new Set<string>();
      return {
        run: async (stage, lengths, observer, signal) => {
          const load = JSON.stringify(stage.load);
          await server.run(stage, lengths, observer, signal);
          if (stage.load.kind === "open" && seen.has(load)) abort();
          seen.add(load);
        },
      };
    };
    const args = [...place.short, "--repetitions", "2", "--json"];
    const { code, out } = await place.run(args, { through: interrupted });
    assert.equal(code, 130);
    const open = JSON.parse(out).stages.filter(({ load }: { load: { kind: string } }) => load.kind === "open");
    assert.deepEqual(
      open.map(({ repetitions, measuredSeconds }: Record<string, number>) => [
        repetitions,
        Math.round(measuredSeconds ?? 0),
      ]),
      [[1, 10]],
    );
  });

  it("reports what it has when the server dies", async () => {
    const dying = (server: VirtualServer): LoadedServer => {
      let stages = 0;
      return {
        run: async (stage, lengths, observer, signal) => {
          stages += 1;
          if (stages === 3) throw new ServerLost("the server is gone: 20 requests in a row found none.");
          await server.run(stage, lengths, observer, signal);
        },
      };
    };
    const { code, out } = await place.run(place.short, { through: dying });
    assert.equal(code, 130);
    assert.match(out, /Incomplete: the server is gone: 20 requests in a row found none\./);
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

  it("names another strategy where the stack's own has no target, and leaves the choice to people", async () => {
    const before = place.stackFile();
    const { code, out, error } = await place.run([...place.short, "--set", "metricStrategy=gke-duty-cycle", "--write"]);
    assert.equal(code, 1);
    assert.match(out, /own\s+strategy\s+has\s+no\s+target,\s+the\s+one\s+for\s+(batch|queue)-size\s+is\s+\d/);
    assert.match(out, /:metricStrategy: (batch|queue)-size\n {2}gke-llm-autoscaling:metricTarget: \d/);
    assert.match(error, /nothing is written/);
    assert.equal(place.stackFile(), before);
  });

  it("says so where not even all replicas hold the traffic, and writes nothing", async () => {
    const before = place.stackFile();
    const args = [
      ...place.short,
      "--set",
      "metricStrategy=batch-size",
      "--set",
      "maxReplicas=1",
      "--rate",
      "20",
      "--write",
    ];
    const { code, out } = await place.run(args);
    assert.equal(code, 1);
    assert.match(out.replace(/\s+/g, " "), /measured; simulated, all replicas that this stack may have do not hold/);
    assert.match(
      out.replace(/\s+/g, " "),
      /this stack cannot hold the load: with all of maxReplicas \(1\) ready from the start/,
    );
    assert.equal(place.stackFile(), before);
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

  it("lets go of a server that turns out to be of no use", async () => {
    const useless = (): LoadedServer => ({
      run: async () => {
        throw new ServerFault("buffered-stream", "tokens are held back");
      },
    });
    const { code, error, ended } = await place.run(place.short, { through: useless });
    assert.deepEqual([code, error, ended], [1, "tokens are held back", 1]);
    assert.deepEqual(place.files(), []);
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
