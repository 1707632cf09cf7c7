import assert from "node:assert/strict";
import type { JournalEntry } from "../../standins/provider/journal";
import { minutesOf } from "../../standins/provider/latencies";
import { assertWell, changes } from "./changes";
import { Project } from "./project";
import type { EngineStack, State } from "./stack";
import { waitsOf } from "./waits";

const MS_PER_MINUTE = 500;
/** Of the time in which anything is in the making. */
const SLACK = 1.05;
/**
 * Of the time from first to last, in which engine and program work between the steps too: a second of 13 on a quiet
 * machine, several on a crowded one, which only the looser bound allows. What waits for six seconds more is seen.
 */
const SLACK_FROM_FIRST_TO_LAST = 1.5;

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
      assert.ok(find(free).begin < find(other).end);
    });
  }

  it("takes no longer than its longest way: cluster, GPU pool, server", () => {
    const entries = [...created.values()];
    const minutes = LONGEST.reduce((sum, [name, type]) => sum + minutesOf("create", type, name), 0);
    const least = minutes * MS_PER_MINUTE;
    const took = busy(entries);
    assert.ok(took >= least, `${took} ms are less than ${least} ms: another way is meant`);
    assert.ok(took <= least * SLACK, `${took} ms instead of ${least} ms`);
    const whole = Math.max(...entries.map(({ end }) => end)) - Math.min(...entries.map(({ begin }) => begin));
    assert.ok(whole <= least * SLACK_FROM_FIRST_TO_LAST, `${whole} ms from first to last instead of ${least} ms`);
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

/** Milliseconds in which anything was in the making. What the engine itself needs in between is another matter. */
function busy(entries: readonly { readonly begin: number; readonly end: number }[]): number {
  let sum = 0;
  let until = 0;
  for (const { begin, end } of [...entries].sort((a, b) => a.begin - b.begin)) {
    sum += Math.max(0, end - Math.max(begin, until));
    until = Math.max(until, end);
  }
  return sum;
}

function finished(entry: JournalEntry): [string, JournalEntry & { readonly end: number }][] {
  const { operation, name, end } = entry;
  return operation === "create" && end !== undefined ? [[name, { ...entry, end }]] : [];
}
