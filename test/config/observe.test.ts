import assert from "node:assert/strict";
import { observedStack } from "../../config/observe";
import { accepted, lines, type StackFile, warningsWith } from "../support/config";

const observed = (set: StackFile = {}) => observedStack(accepted(set).config);

describe("What dashboard and alerts know of a stack", () => {
  it("is where it is, what it scales on and how long it may take", () => {
    assert.deepEqual(observed(), {
      project: "my-project",
      cluster: "llm-dev",
      location: "us-central1",
      namespace: "default",
      gpusPerReplica: 1,
      dcgmExporter: "gke-managed",
      metrics: [{ strategy: "queue-size", target: 0.5 }],
      minReplicas: 1,
      maxReplicas: 5,
      tolerance: { down: 0.1, up: 0.1 },
      scaleDown: { disabled: false, stabilizationSeconds: 300, policies: [], select: "Max" },
      // 30 minutes of the server's own and 15 for node and image.
      startBudgetSeconds: 2700,
      adapter: true,
      dcgm: true,
    });
  });

  it("follows the behavior of the HPA", () => {
    const policies = [{ type: "Pods", value: 1, periodSeconds: 60 }] as const;
    const scaleBehavior = JSON.stringify({
      scaleUp: { tolerance: 0.05 },
      scaleDown: { stabilizationWindowSeconds: 900, selectPolicy: "Min", policies, tolerance: 0 },
    });
    const { tolerance, scaleDown } = observed({ scaleBehavior });
    assert.deepEqual(tolerance, { down: 0, up: 0.05 });
    assert.deepEqual(scaleDown, { disabled: false, stabilizationSeconds: 900, policies, select: "Min" });
    const disabled = JSON.stringify({ scaleDown: { selectPolicy: "Disabled" } });
    assert.equal(observed({ scaleBehavior: disabled }).scaleDown.disabled, true);
  });

  it("follows the server and the adapter", () => {
    assert.equal(observed({ serverReadyTimeoutMinutes: "60" }).startBudgetSeconds, 4500);
    assert.equal(observed({ metricsAdapter: "existing" }).adapter, false);
    assert.equal(observed({ modelId: "google/gemma-2-9b-it" }).gpusPerReplica, 2);
  });

  for (const [what, set, dcgm] of [
    ["a cluster that we make", {}, true],
    ["somebody's cluster, scaled on something else", { cluster: "existing", clusterName: "theirs" }, false],
    [
      "somebody's cluster, scaled on DCGM",
      { cluster: "existing", clusterName: "theirs", metricStrategy: "dcgm-gpu-util" },
      true,
    ],
    [
      "somebody's cluster, scaled on DCGM beside something else",
      {
        cluster: "existing",
        clusterName: "theirs",
        extraMetrics: JSON.stringify([{ strategy: "dcgm-gpu-util", target: 80 }]),
      },
      true,
    ],
    [
      "somebody's cluster with our exporter",
      { cluster: "existing", clusterName: "theirs", dcgmExporter: "self-managed" },
      true,
    ],
  ] as const) {
    it(`says whether DCGM is collected in ${what}`, () => {
      assert.equal(observed(set).dcgm, dcgm);
    });
  }
});

describe("Dashboard and alerts in a stack file", () => {
  it("are refused when Google would refuse the dashboard, which need not be made", () => {
    const many = JSON.stringify(Array.from({ length: 100 }, () => ({ strategy: "batch-size", target: 20 })));
    const refused = (set: StackFile) => lines(set).filter((line) => line.includes("Google would refuse"));
    assert.deepEqual(refused({ extraMetrics: many }), [
      "extraMetrics (100 metrics): Google would refuse the dashboard: it has 114 widgets, of at most 100. " +
        "Fix: fewer extraMetrics, or pulumi config set dashboard false",
    ]);
    assert.deepEqual(refused({ extraMetrics: many, dashboard: "false" }), []);
  });

  it("say when nobody hears of an alert, and when a channel is not used", () => {
    const channels = JSON.stringify(["projects/my-project/notificationChannels/123"]);
    assert.equal(warningsWith("tell nobody", {}).length, 1);
    assert.deepEqual(warningsWith("tell nobody", { alerts: "false" }), []);
    assert.deepEqual(warningsWith("notificationChannels", { notificationChannels: channels }), []);
    assert.deepEqual(warningsWith("notificationChannels", { notificationChannels: channels, alerts: "false" }), [
      "notificationChannels is not used: alerts is false.",
    ]);
    const theirs = ["projects/123456789012/notificationChannels/1", "projects/my-project-2/notificationChannels/2"];
    assert.deepEqual(warningsWith("notificationChannels", { notificationChannels: JSON.stringify(theirs) }), [
      "projects/my-project-2/notificationChannels/2 is not of project my-project, where alerts look for their channels.",
    ]);
  });
});
