import assert from "node:assert/strict";
import type { KubernetesObject } from "@kubernetes/client-node";
import { ADAPTER } from "../../catalog/adapter";
import { DCGM } from "../../catalog/dcgm";
import { endRun } from "../rig/run";
import { deaf, evictAll, HALF_BUSY, HPA, ingested, queue, SETTINGS, wantedBySpec } from "./controlGroup";
import { ROWS } from "./controlGroupRows";
import { NO_LOAD } from "./fleet";
import { playBusyNeighbours } from "./neighbours";
import { PlayedStack } from "./playedStack";
import { stackObjects } from "./stackObjects";
import {
  dcgmHpa,
  dcgmMonitoring,
  deployment,
  dutyCycleHpa,
  serverHpa,
  TUTORIAL_HPAS,
  tutorialObjects,
} from "./tutorial";

describe("the control group: the tutorial as written", () => {
  let stack: PlayedStack;
  before(async () => {
    stack = await PlayedStack.start(tutorialObjects(await stackObjects(SETTINGS)));
    stack.hpaName = TUTORIAL_HPAS.server;
  });
  after(endRun);

  const replaceHpa = async (object: KubernetesObject) => {
    const metadata = { name: stack.hpaName, namespace: stack.stack.config.namespace };
    await stack.cluster.api.delete({ apiVersion: "autoscaling/v2", kind: HPA, metadata });
    stack.hpaName = object.metadata?.name ?? "";
    await stack.cluster.apply(object);
  };

  it(`${ROWS.grant.what}: ${ROWS.grant.tutorial}`, async () => {
    await stack.until(
      "the adapter to crash",
      () => {
        const [status] = stack.pods({ run: ADAPTER.name }).flatMap((pod) => pod.status?.containerStatuses ?? []);
        return status?.state?.waiting?.reason === "CrashLoopBackOff" ? status : `${status?.state}`;
      },
      { seconds: 60 },
    );
    await stack.isActive("False", 60, /unable to (get|fetch)/);
    // What its reader finds out, and then does by hand.
    stack.monitoring.heal();
  });

  it(`${ROWS.warmUp.what}: ${ROWS.warmUp.tutorial}`, async () => {
    await stack.isActive("False", 60, /no metrics returned|could not find the descriptor/);
    stack.fleet.load = queue(5);
    await stack.isActive("True", 60);
  });

  it(`${ROWS.probes.what}: ${ROWS.probes.tutorial}`, async () => {
    stack.fleet.load = queue(28);
    await stack.until("a server that is ready and does not listen", () => deaf(stack)[0], {
      seconds: 60,
      everyMs: 20,
    });
    await stack.settles(3, 60);
  });

  it(`${ROWS.replicas.what}: ${ROWS.replicas.tutorial}`, async () => {
    assert.equal(await wantedBySpec(stack), 3);
    // As `kubectl apply` without `--server-side`, it asks nobody who else owns a field.
    await stack.cluster.apply(deployment(stack.stack), { force: true });
    assert.equal(await wantedBySpec(stack), 1);
    await stack.settles(3, 90);
  });

  it(`${ROWS.disruption.what}: ${ROWS.disruption.tutorial}`, async () => {
    assert.equal(await evictAll(stack), 3);
    await stack.settles(3, 90);
  });

  it(`${ROWS.pool.what}: ${ROWS.pool.tutorial}`, async () => {
    stack.fleet.load = queue(200);
    await stack.until(
      "five servers, two of them on no node",
      () => {
        const pending = stack.pods().filter(({ spec }) => spec?.nodeName === undefined);
        const told = pending.flatMap(({ status }) => status?.conditions ?? []).map(({ message }) => message);
        const all = stack.pods().length;
        return all === 5 && pending.length === 2 && told.every((it) => it?.includes(`Insufficient nvidia.com/gpu`))
          ? {}
          : `${all} servers, ${pending.length} on no node: ${told.join("; ")}`;
      },
      { seconds: 60 },
    );
    await stack.holds(5, 8);
    stack.fleet.load = queue(5);
    await stack.settles(1, 90);
  });

  it(`${ROWS.name.what}: ${ROWS.name.tutorial}`, async () => {
    await replaceHpa(serverHpa("tgi_batch_size"));
    await stack.isActive("False", 60, /tgi_batch_size/);
    await replaceHpa(serverHpa("tgi_queue_size"));
    await stack.isActive("True", 60);
  });

  it(`${ROWS.twoHpas.what}: ${ROWS.twoHpas.tutorial}`, async () => {
    await stack.cluster.apply(dutyCycleHpa());
    for (const name of [TUTORIAL_HPAS.gpu, TUTORIAL_HPAS.server]) {
      stack.hpaName = name;
      await stack.isActive("False", 60, /AmbiguousSelector/);
    }
  });

  it(`${ROWS.exporter.what}: ${ROWS.exporter.tutorial}`, async () => {
    await stack.cluster.apply(dcgmMonitoring());
    await replaceHpa(dcgmHpa());
    await stack.isActive("False", 60, /dcgm_fi_dev_gpu_util/);
  });

  it(`${ROWS.gpus.what}: ${ROWS.gpus.tutorial}`, async () => {
    await replaceHpa(dutyCycleHpa());
    stack.fleet.load = HALF_BUSY;
    await stack.settles(2, 60);
    stack.fleet.load = NO_LOAD;
    await stack.settles(1, 90);
  });

  it(`${ROWS.scope.what}: ${ROWS.scope.tutorial}`, async () => {
    playBusyNeighbours(stack.store, { ...stack.home, namespace: stack.stack.config.namespace });
    await stack.until(
      "an autoscaler without load to want its maximum",
      async () => {
        const { hpa } = await stack.look();
        return hpa.status?.desiredReplicas === 5 ? {} : `${hpa.status?.desiredReplicas} wanted`;
      },
      { seconds: 60 },
    );
  });

  it(`${ROWS.keep.what}: ${ROWS.keep.tutorial}`, async () => {
    const { objects } = await stackObjects({ ...SETTINGS, dcgmExporter: "self-managed" });
    const exporter = objects.filter(
      ({ kind, metadata }) => metadata?.namespace === DCGM.namespace && kind !== "PodMonitoring",
    );
    for (const object of exporter) await stack.cluster.apply(object);
    const clock = "prometheus.googleapis.com/DCGM_FI_DEV_SM_CLOCK/gauge";
    await stack.until("a field that nobody reads", () => (ingested(stack).includes(clock) ? {} : "none"), {
      seconds: 60,
    });
  });
});
