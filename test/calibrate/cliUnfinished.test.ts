import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { parse as parseYaml } from "yaml";
import { type LoadedServer, ServerLost } from "../../tools/calibrate/contract";
import { ServerFault } from "../../tools/calibrate/load/faults";
import { digestOf } from "../../tools/simulate/server/digest";
import type { VirtualServer } from "../support/virtualServer";
import { Workplace } from "./workplace";

describe("npm run calibrate, where it cannot do all that it is for", function () {
  this.timeout(60_000);
  let place: Workplace;
  beforeEach(() => {
    place = new Workplace();
  });
  afterEach(() => place.remove());

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

  it("says so where not even one client at a time gets what the SLO asks for, and writes nothing", async () => {
    const before = place.stackFile();
    const { code, out, error } = await place.run([...place.short, "--slo-tpot", "5ms", "--write"]);
    assert.equal(code, 1);
    assert.match(out, /^The SLO is not met even under the lightest load, \S+ a second: no target/);
    assert.match(error, /nothing is written, since the stack's strategy has no target that holds/);
    assert.deepEqual(place.files(), ["calibration.html"]);
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

  it("names another strategy where the stack's own has no target, and leaves the choice to people", async () => {
    const before = place.stackFile();
    const { code, out, error } = await place.run([...place.short, "--set", "metricStrategy=gke-duty-cycle", "--write"]);
    assert.equal(code, 1);
    assert.match(out, /own\s+strategy\s+has\s+no\s+target,\s+the\s+one\s+for\s+(batch|queue)-size\s+is\s+\d/);
    assert.match(out, /:metricStrategy: (batch|queue)-size\n {2}gke-llm-autoscaling:metricTarget: \d/);
    assert.match(error, /nothing is written/);
    assert.equal(place.stackFile(), before);
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
});
