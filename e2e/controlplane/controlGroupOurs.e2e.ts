import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DCGM } from "../../catalog/dcgm";
import { TGI } from "../../catalog/tgi";
import { endRun } from "../rig/run";
import { deaf, evictAll, HALF_BUSY, HPA, ingested, queue, SETTINGS, wantedBySpec } from "./controlGroup";
import { controlGroupTable, ROWS } from "./controlGroupRows";
import { playBusyNeighbours } from "./neighbours";
import { PlayedStack } from "./playedStack";
import { objectOf, type Settings, stackObjects } from "./stackObjects";

describe("the control group: this stack, where the tutorial goes wrong", () => {
  let stack: PlayedStack;
  before(async () => {
    stack = await PlayedStack.start(await stackObjects(SETTINGS));
  });
  after(endRun);

  const switchTo = async (settings: Settings) =>
    stack.cluster.apply(objectOf(await stackObjects({ ...SETTINGS, ...settings }), HPA));

  it(`${ROWS.grant.ours}, ${ROWS.warmUp.ours}`, async () => {
    await stack.isActive("True", 60);
    await stack.settles(1, 60);
  });

  it(`where it ${ROWS.probes.what}: ${ROWS.probes.ours}`, async () => {
    stack.fleet.load = queue(28);
    await stack.until(
      "three servers",
      () => {
        assert.deepEqual(deaf(stack), []);
        return stack.fleet.running.length === 3 ? {} : `${stack.fleet.running.length}`;
      },
      { seconds: 60, everyMs: 20, unless: (error) => error instanceof assert.AssertionError },
    );
    await stack.settles(3, 60);
  });

  it(`where it ${ROWS.replicas.what}: ${ROWS.replicas.ours}`, async () => {
    await stack.cluster.apply(objectOf(stack.stack, "Deployment", TGI.deploymentName));
    assert.equal(await wantedBySpec(stack), 3);
    await stack.holds(3, 4);
  });

  it(`where it ${ROWS.disruption.what}: ${ROWS.disruption.ours}`, async () => {
    assert.equal(await evictAll(stack), 1);
    await stack.settles(3, 60);
  });

  it(`where it ${ROWS.pool.what}: ${ROWS.pool.ours}`, async () => {
    stack.fleet.load = queue(200);
    await stack.settles(5, 60);
    stack.fleet.load = queue(5);
    await stack.settles(1, 90);
  });

  it(`where it ${ROWS.name.what}: ${ROWS.name.ours}`, async () => {
    await switchTo({ metricStrategy: "batch-size" });
    await stack.reads("tgi_batch_current_size", 60, "5");
  });

  it(`where it ${ROWS.twoHpas.what}: ${ROWS.twoHpas.ours}`, async () => {
    await switchTo({ metricStrategy: "gke-duty-cycle", metricTarget: 60 });
    await stack.reads("duty_cycle", 60);
    assert.equal(stack.hpasEver().length, 1);
  });

  it(`where it ${ROWS.gpus.what}: ${ROWS.gpus.ours}; where it ${ROWS.scope.what}: ${ROWS.scope.ours}`, async () => {
    playBusyNeighbours(stack.store, { ...stack.home, namespace: stack.stack.config.namespace });
    stack.fleet.load = HALF_BUSY;
    await stack.reads("duty_cycle", 60, "100");
    await stack.holds(1, 8);
  });

  it(`where it ${ROWS.exporter.what}: ${ROWS.exporter.ours}`, async () => {
    await switchTo({ metricStrategy: "dcgm-gpu-util", metricTarget: 60 });
    await stack.reads(DCGM.utilisationField, 60);
  });

  it(`where it ${ROWS.keep.what}: ${ROWS.keep.ours}`, async () => {
    const { objects } = await stackObjects({ ...SETTINGS, dcgmExporter: "self-managed" });
    for (const object of objects) if (object.metadata?.namespace === DCGM.namespace) await stack.cluster.apply(object);
    const renamed = "prometheus.googleapis.com/dcgm_fi_dev_gpu_util/unknown";
    await stack.until("the field that is read", () => (ingested(stack).includes(renamed) ? {} : "none"), {
      seconds: 60,
    });
    assert.ok(!ingested(stack).some((type) => type.includes("SM_CLOCK")));
  });
});

describe("the control group's table", () => {
  it("is what the README quotes", () => {
    const readme = readFileSync(join(__dirname, "..", "..", "README.md"), "utf8");
    assert.ok(readme.includes(controlGroupTable()), `the README lacks:\n${controlGroupTable()}`);
  });
});
