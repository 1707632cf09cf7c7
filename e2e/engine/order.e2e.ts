import assert from "node:assert/strict";
import type { JournalEntry } from "../../standins/provider/journal";
import { minutesOf } from "../../standins/provider/latencies";
import { typeOfUrn } from "../../standins/provider/wire";
import { assertWell, changes } from "./changes";
import { Project } from "./project";
import type { EngineStack, State } from "./stack";
import { waitsOf } from "./waits";

const MS_PER_MINUTE = 500;
/** Of the longest way. */
const SLACK = 1.05;

/** Who begins after whom has ended. */
const AFTER: readonly (readonly [later: string, earlier: string])[] = [
  ["network-vpc", "apis-compute"],
  ["nodes-account", "apis-iam"],
  ["cluster-gke", "apis-container"],
  ["cluster-gke", "network-subnet"],
  ["cluster-gke", "nodes-grant"],
  ["cluster-system", "cluster-gke"],
  ["pool-gpu", "cluster-gke"],
  ["adapter-monitoring-viewer", "cluster-gke"],
  ["server-namespace", "cluster-gke"],
  ["server-token", "server-namespace"],
  ["server-deployment", "pool-gpu"],
  ["server-deployment", "network-nat"],
  ["server-deployment", "server-token"],
  ["monitoring-podmonitoring", "cluster-system"],
  ["dcgm-podmonitoring", "dcgm-daemonset"],
  ["adapter-deployment", "cluster-system"],
  ["adapter-deployment", "adapter-monitoring-viewer"],
  ["adapter-deployment", "adapter-auth-delegator"],
  ["adapter-deployment", "adapter-auth-reader"],
  ["adapter-deployment", "adapter-resource-reader-binding"],
  ["adapter-deployment", "adapter-external-reader-binding"],
  ["adapter-service", "adapter-deployment"],
  ["adapter-v1beta1-custom.metrics.k8s.io", "adapter-service"],
  ["adapter-v1beta2-custom.metrics.k8s.io", "adapter-service"],
  ["adapter-v1beta1-external.metrics.k8s.io", "adapter-service"],
  ["autoscaler-hpa", "adapter-v1beta1-custom.metrics.k8s.io"],
  ["autoscaler-hpa", "adapter-v1beta2-custom.metrics.k8s.io"],
  ["autoscaler-hpa", "adapter-v1beta1-external.metrics.k8s.io"],
];

/** Who begins before whom has ended: time, or autoscaling, would be lost. */
const MEANWHILE: readonly (readonly [free: string, other: string])[] = [
  ["autoscaler-hpa", "server-deployment"],
  ["adapter-deployment", "server-deployment"],
  ["server-deployment", "adapter-deployment"],
  ["monitoring-podmonitoring", "server-deployment"],
  ["server-service", "pool-gpu"],
  ["server-token", "pool-gpu"],
  ["server-pdb", "pool-gpu"],
  ["pool-gpu", "cluster-system"],
  ["cluster-gke", "network-nat"],
  ["dashboard-monitoring", "cluster-gke"],
  ["alerts-hpa-at-maximum", "cluster-gke"],
];

/** The longest way through the stack. */
const LONGEST: readonly (readonly [name: string, type: string])[] = [
  ["apis-compute", "gcp:projects/service:Service"],
  ["network-vpc", "gcp:compute/network:Network"],
  ["network-subnet", "gcp:compute/subnetwork:Subnetwork"],
  ["cluster-gke", "gcp:container/cluster:Cluster"],
  ["pool-gpu", "gcp:container/nodePool:NodePool"],
  ["server-deployment", "kubernetes:apps/v1:Deployment"],
];

describe("the order in which the real engine works", () => {
  let project: Project;
  let stack: EngineStack;
  let made: State;
  let created: ReadonlyMap<string, JournalEntry & { readonly end: number }>;
  before(async () => {
    project = await Project.create({ standIns: { msPerMinute: MS_PER_MINUTE } });
    stack = await project.stack("dev");
    stack.edit({ namespace: "llm", metricStrategy: "dcgm-gpu-util", dcgmExporter: "self-managed" });
    const outcome = await stack.up();
    assertWell(outcome);
    made = stack.state();
    created = new Map(project.journal().flatMap((entry) => finished(entry)));
  });
  after(() => project.remove());

  const find = (name: string) => created.get(name) ?? assert.fail(`${name} was not created`);

  for (const [later, earlier] of AFTER) {
    it(`${later} is made after ${earlier}`, () => {
      assert.ok(find(later).begin >= find(earlier).end, `${later} came before ${earlier} was there`);
      // With these latencies time alone may have it so; what the engine goes by is what it wrote down.
      assert.ok(waitsOf(made, later).has(earlier), `${later} does not wait for ${earlier}: it only came later`);
    });
  }

  for (const [free, other] of MEANWHILE) {
    it(`${free} is made without waiting for ${other}`, () => {
      assert.ok(find(free).begin < find(other).end, `${free} began only when ${other} was there`);
    });
  }

  it("takes no longer than its longest way: cluster, GPU pool, server", () => {
    const entries = [...created.values()];
    const minutes = LONGEST.reduce((sum, [name, type]) => sum + minutesOf("create", type, name), 0);
    const took = busyMinutes(entries);
    assert.ok(took > minutes - 0.1, `${took} min are less than ${minutes} min: another way is meant`);
    assert.ok(took <= minutes * SLACK, `${took} min instead of ${minutes} min`);
    // The work of program and engine between the steps is not shortened with the latencies.
    const whole = Math.max(...entries.map(({ end }) => end)) - Math.min(...entries.map(({ begin }) => begin));
    const workMinutes = (whole - took * MS_PER_MINUTE) / 60_000;
    assert.ok(took + workMinutes <= minutes * SLACK, `${took} min and ${workMinutes} min of the engine's own work`);
  });

  it("takes the adapter away backwards", async () => {
    stack.edit({
      namespace: "llm",
      metricStrategy: "dcgm-gpu-util",
      dcgmExporter: "self-managed",
      metricsAdapter: "existing",
    });
    const outcome = await stack.up();
    assertWell(outcome);
    assert.ok(changes(outcome).includes("delete adapter-deployment"));
    const deleted = new Map(
      project.journal().flatMap((entry) => (entry.operation === "delete" ? [[entry.name, entry]] : [])),
    );
    const at = (name: string) => deleted.get(name) ?? assert.fail(`${name} was not deleted`);
    for (const [later, earlier] of AFTER.filter((pair) => pair.every((name) => deleted.has(name)))) {
      assert.ok(at(earlier).begin >= (at(later).end ?? Number.NaN), `${earlier} goes after ${later}`);
    }
    assert.ok(!deleted.has("adapter-monitoring-viewer"), "the grant is the project's");
  });
});

/** Minutes in which anything was in the making, each for its time: a busy machine is late to say that it has passed. */
function busyMinutes(entries: readonly Pick<JournalEntry, "begin" | "urn" | "name">[]): number {
  let sum = 0;
  let until = 0;
  for (const { begin, urn, name } of [...entries].sort((a, b) => a.begin - b.begin)) {
    const at = begin / MS_PER_MINUTE;
    const end = at + minutesOf("create", typeOfUrn(urn), name);
    sum += Math.max(0, end - Math.max(at, until));
    until = Math.max(until, end);
  }
  return sum;
}

function finished(entry: JournalEntry): [string, JournalEntry & { readonly end: number }][] {
  const { operation, name, end } = entry;
  return operation === "create" && end !== undefined ? [[name, { ...entry, end }]] : [];
}
