import assert from "node:assert/strict";
import type { MetricStrategy } from "../../../autoscaling/metricStrategy";
import { METRIC_PATHS, type MetricPath } from "../../../catalog/metricPath";
import type { ServerShape } from "../../../tools/simulate/world/fleet";
import { Sampler } from "../../../tools/simulate/world/sampler";
import { fleetRig, PATH, request, SERVER } from "./support";

/** One server that has stood since 0 and is sampled; every draw of the sampler is 0.5. */
function rig(strategy: MetricStrategy, path: MetricPath, some: Partial<ServerShape> = {}) {
  const server = { ...SERVER, ...some };
  const { fleet, agenda } = fleetRig({ server, metrics: 1 });
  fleet.standBy(1);
  const pod = fleet.pods[0] ?? assert.fail();
  const replica = pod.replica ?? assert.fail();
  const written: string[] = [];
  const { series } = pod;
  const [only] = series;
  const write = only?.write.bind(only);
  if (only !== undefined) {
    only.write = (at, visible, value) => {
      written.push(`${value} of ${at} seen at ${visible}`);
      write?.(at, visible, value);
    };
  }
  const sampler = new Sampler(agenda, [{ strategy, path }], server, () => 0.5);
  return { agenda, fleet, pod, replica, sampler, written };
}

describe("a gauge", () => {
  it("is sampled once a period, at a phase of the pod's own, and seen after the delay", () => {
    const { agenda, sampler, pod, written } = rig("queue-size", PATH);
    sampler.watch(pod, 3);
    agenda.run(30);
    // Half a period after 3, then every 10 s; 4 s later they are seen.
    assert.deepEqual(written, ["0 of 8 seen at 12", "0 of 18 seen at 22", "0 of 28 seen at 32"]);
  });

  it("has the value of the moment", () => {
    const { agenda, sampler, pod, replica, written } = rig("queue-size", PATH);
    const batch = rig("batch-size", PATH);
    for (const it of [{ sampler, pod, replica }, batch]) {
      it.sampler.watch(it.pod, 0);
      // Two prefill together from 4 to 6, the third waits until a step has ended.
      it.replica.offer(request(4), 4);
      it.replica.offer(request(4), 4);
      it.replica.offer(request(4.5), 4.5);
    }
    agenda.run(5);
    batch.agenda.run(15);
    assert.deepEqual(written, ["1 of 5 seen at 9"]);
    // At 15 all is done: two from 6 to 10 with the third's prefill between, which ends at 9; its last token is at 13.
    assert.deepEqual(batch.written, ["0 of 5 seen at 9", "0 of 15 seen at 19"]);
  });

  it("does not exist before the first request of a server that nobody has warmed up", () => {
    for (const strategy of ["queue-size", "batch-size"] as const) {
      const { agenda, sampler, pod, replica, written } = rig(strategy, PATH, { warmsUp: false });
      sampler.watch(pod, 0);
      agenda.run(10);
      assert.deepEqual(written, []);
      replica.offer(request(10), 10);
      agenda.run(15);
      assert.equal(written.length, 1);
    }
  });

  it("is written until the pod has gone, also while it drains", () => {
    const { agenda, sampler, pod, replica, written } = rig("queue-size", PATH);
    replica.offer(request(0, 40), 0);
    sampler.watch(pod, 0);
    pod.delete(6);
    agenda.run(1000);
    // It drains from 26 on and ends with its last token at 41.
    assert.deepEqual(
      written.map((line) => line.split(" seen")[0]),
      ["0 of 5", "0 of 15", "0 of 25", "0 of 35"],
    );
  });
});

describe("a GPU's utilisation", () => {
  const path = METRIC_PATHS.dutyCycle;

  it("is the share of the window for which the server worked, in whole percent", () => {
    const { agenda, sampler, pod, replica, written } = rig("gke-duty-cycle", path);
    sampler.watch(pod, 0);
    // Half a period after 0, ten seconds: from 30 to 40. One request works from 33.33 to 39.33.
    agenda.run(33);
    replica.offer(request(33.33), 33.33);
    agenda.run(120);
    assert.deepEqual(written, ["60 of 40 seen at 130", "0 of 100 seen at 190"]);
  });

  it("counts what is under way, and rounds", () => {
    const { agenda, sampler, pod, replica, written } = rig("dcgm-gpu-util", { ...path, averagedSeconds: 3 });
    sampler.watch(pod, 0);
    agenda.run(30);
    replica.offer(request(32), 32);
    agenda.run(40);
    // From 30 to 33: busy for one of three seconds.
    assert.deepEqual(written, ["33 of 33 seen at 123"]);
  });

  it("exists before the first request, once for each GPU of the server", () => {
    const { agenda, sampler, pod, replica, written } = rig("gke-duty-cycle", path, { gpus: 4, warmsUp: false });
    sampler.watch(pod, 0);
    agenda.run(90);
    replica.offer(request(92, 3), 92);
    agenda.run(100);
    // From 92 to 96: 40 % of four GPUs.
    assert.deepEqual(written, ["0 of 40 seen at 130", "160 of 100 seen at 190"]);
  });

  it("is not written of a window in which the pod went", () => {
    const { agenda, sampler, pod, written } = rig("gke-duty-cycle", path);
    sampler.watch(pod, 0);
    agenda.run(35);
    pod.evicted(35);
    agenda.run(200);
    assert.deepEqual(written, []);
  });
});

describe("the average as it is", () => {
  it("has no delay, and is over the period for what is averaged", () => {
    const queue = rig("queue-size", PATH);
    assert.equal(queue.sampler.averageNow([queue.pod], 4, 15), 0);
    queue.replica.offer(request(4), 4);
    queue.replica.offer(request(5), 5);
    assert.equal(queue.sampler.averageNow([queue.pod], 5, 15), 1);
    const busy = rig("gke-duty-cycle", METRIC_PATHS.dutyCycle);
    assert.equal(busy.sampler.averageNow([busy.pod], 15, 15), 0);
    busy.replica.offer(request(15), 15);
    // 6 of 15 s, then nothing.
    assert.equal(busy.sampler.averageNow([busy.pod], 30, 15), 40);
    assert.equal(busy.sampler.averageNow([busy.pod], 45, 15), 0);
  });

  it("is over all servers, and 0 where there are none or nothing is sampled", () => {
    const { fleet, agenda, sampler } = rig("queue-size", PATH);
    fleet.scaleTo(2, 0);
    agenda.run(300);
    const [first] = fleet.ready;
    first?.replica?.offer(request(300), 300);
    first?.replica?.offer(request(301), 301);
    assert.equal(sampler.averageNow(fleet.ready, 301, 15), 0.5);
    assert.equal(sampler.averageNow([], 301, 15), 0);
    const none = new Sampler(agenda, [], SERVER, () => 0.5);
    assert.equal(none.averageNow(fleet.ready, 301, 15), 0);
  });
});
