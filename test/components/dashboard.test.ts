import assert from "node:assert/strict";
import { dashboardDocument } from "../../observability/dashboard";
import { UNKNOWN } from "../../tools/plan/values";
import { observed } from "../support/observed";
import { captureStack, find, has, input } from "../support/stack";

describe("the dashboard component", () => {
  it("makes one dashboard of the stack's description, in its project", async () => {
    const graph = await captureStack({ metricStrategy: "gke-duty-cycle" });
    const dashboard = find(graph, "dashboard-monitoring");
    assert.equal(dashboard.type, "gcp:monitoring/dashboard:Dashboard");
    assert.equal(dashboard.inputs.project, "demo-project");
    const document = JSON.parse(String(input(dashboard, "dashboardJson")));
    assert.deepEqual(document, dashboardDocument(observed({ metricStrategy: "gke-duty-cycle" })));
    assert.equal(document.displayName, "llm-dev/default: LLM autoscaling");
  });

  it("says where it is, once it is there", async () => {
    assert.equal(
      (await captureStack({})).outputs.dashboardUrl,
      "https://console.cloud.google.com/monitoring/dashboards/builder/0b1c-d2?project=demo-project",
    );
    assert.equal((await captureStack({}, { mode: "preview" })).outputs.dashboardUrl, UNKNOWN);
  });

  it("is left out on demand, with its address", async () => {
    const graph = await captureStack({ dashboard: false });
    assert.ok(!has(graph, "dashboard-monitoring"));
    assert.ok(!Object.hasOwn(graph.outputs, "dashboardUrl"));
  });
});
