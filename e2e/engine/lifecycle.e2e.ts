import assert from "node:assert/strict";
import { loadStack } from "../../tools/plan/load";
import { captureStack } from "../../tools/plan/plan";
import { assertWell, changes } from "./changes";
import { runCli } from "./cli";
import { GOOGLE_PROJECT, Project } from "./project";
import type { EngineStack } from "./stack";
import { assertWhole } from "./whole";

/** What the README says of each stack's protection. */
const STACKS = [
  { name: "dev", isProtected: false },
  { name: "prod", isProtected: true },
] as const;

const OUTPUTS = [
  "clusterName",
  "connectCommand",
  "dashboardUrl",
  "deploymentName",
  "hpaName",
  "kubeconfig",
  "location",
  "metricStrategy",
  "metricTarget",
  "namespace",
  "serviceName",
];

for (const { name, isProtected } of STACKS) {
  describe(`the life of stack ${name} on the real engine`, () => {
    let project: Project;
    let stack: EngineStack;
    before(async () => {
      project = await Project.create();
      stack = await project.stack(name);
    });
    after(() => project.remove());

    it("is previewed as the plan has it, and nothing is touched", async () => {
      const outcome = await stack.preview();
      assertWell(outcome);
      const overrides = [{ key: "gcp:project", value: GOOGLE_PROJECT }];
      const graph = await captureStack(loadStack({ directory: project.directory, stack: name, overrides }));
      const planned = graph.resources.filter(({ custom }) => custom).map((resource) => `create ${resource.name}`);
      assert.deepEqual(changes(outcome), planned.sort());
      assert.deepEqual(project.cloud.all(), []);
      assert.deepEqual(project.journal(), []);
    });

    it("is made, each resource once", async () => {
      const outcome = await stack.up();
      assertWell(outcome);
      assertWhole(stack);
      assert.deepEqual(new Set(project.journal().map(({ operation }) => operation)), new Set(["create"]));
    });

    it("says what a person needs next, the kubeconfig as a secret", async () => {
      const outputs = await stack.outputs();
      assert.deepEqual(Object.keys(outputs).sort(), OUTPUTS);
      const secrets = Object.keys(outputs).filter((key) => outputs[key]?.secret);
      assert.deepEqual(secrets, ["kubeconfig"]);
      assert.match(outputs.dashboardUrl?.value, /builder\/[-0-9a-f]{36}\?project=engine-run$/);
    });

    it("does not change when nothing has", async () => {
      for (const outcome of [await stack.up(), await stack.refresh()]) {
        assertWell(outcome);
        assert.deepEqual(changes(outcome), []);
      }
    });

    if (isProtected) {
      it("refuses to be destroyed while it is protected, and loses nothing", async () => {
        const before = project.cloud.all().length;
        // By the CLI, which looks before it acts; the Automation API does not.
        const { status, stdout, stderr } = await runCli(project, ["destroy", "--yes", "--stack", name]);
        assert.notEqual(status, 0);
        assert.match(stdout + stderr, /cluster-gke" cannot be deleted\s+because it is protected/);
        assert.equal(project.cloud.all().length, before);
      });

      it("has its protection taken off by one key, in place", async () => {
        stack.edit({ deletionProtection: false });
        const outcome = await stack.up();
        assertWell(outcome);
        assert.deepEqual(changes(outcome), ["update cluster-gke"]);
      });
    }

    it("is destroyed, and leaves what the README names", async () => {
      const outcome = await stack.destroy();
      assertWell(outcome);
      assert.deepEqual(stack.state().resources, []);
      const left = project.cloud.all().map(({ type, inputs }) => [type, inputs.service ?? inputs.role]);
      const apis = left.filter(([type]) => type === "gcp:projects/service:Service");
      assert.ok(apis.length > 0);
      assert.deepEqual(
        left.filter((it) => !apis.includes(it)),
        [["gcp:projects/iAMMember:IAMMember", "roles/monitoring.viewer"]],
      );
    });

    it("deletes the cluster, and nothing in it that goes along", () => {
      const deleted = project.journal().filter(({ operation }) => operation === "delete");
      assert.ok(deleted.some((entry) => entry.name === "cluster-gke"));
      const inCluster = deleted.filter(({ urn }) => urn.includes("$kubernetes:"));
      assert.deepEqual(inCluster, []);
    });
  });
}
