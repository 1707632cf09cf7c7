import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import program from "../index";
import { capture } from "../tools/plan/capture";
import { Secret } from "../tools/plan/values";
import { captureStack, MINIMAL, rawConfig, reveal, TOKEN } from "./support/stack";

describe("loading the configuration through Pulumi", () => {
  it("reports every problem in one RunError, before any resource is registered", async () => {
    const registered: string[] = [];
    const computed = ({ type }: { type: string }) => {
      if (type !== "pulumi:pulumi:Stack") registered.push(type);
      return {};
    };
    const config = rawConfig({ maxReplicas: "12abc", metricStrategie: "x", "gcp:region": "us-central1" });
    const error = await capture(program, { stack: "dev", mode: "up", config, computed }).then(
      () => assert.fail("the configuration was accepted"),
      (reason: unknown) => reason,
    );
    assert.deepEqual(registered, []);
    assert.ok(pulumi.RunError.isInstance(error));
    const lines = error.message.split("\n");
    assert.match(lines[0] ?? "", /^Stack "dev" has 4 problems/);
    for (const key of ["maxReplicas", "metricStrategie", "gcp:project", "huggingFaceToken"]) {
      assert.equal(lines.filter((line) => line.includes(`- ${key} (`)).length, 1, `${key} in\n${error.message}`);
    }
  });

  it("keeps the token secret even when the stack file holds it in plain text", async () => {
    const config = rawConfig(MINIMAL);
    const graph = await capture(program, { stack: "dev", mode: "preview", config, secretKeys: [] });
    const secret = graph.resources.find((resource) => resource.name === "server-token");
    const data = secret?.inputs.stringData;
    assert.ok(data instanceof Secret);
    assert.deepEqual(reveal(data), { hf_api_token: TOKEN });
  });

  it("exports what the contract names, the kubeconfig as a secret", async () => {
    const { outputs } = await captureStack({ metricStrategy: "batch-size", metricTarget: 20, namespace: "llm" });
    assert.ok(outputs.kubeconfig instanceof Secret);
    const { kubeconfig, ...rest } = outputs;
    assert.deepEqual(reveal(rest), {
      clusterName: "llm-dev",
      location: "us-central1",
      namespace: "llm",
      serviceName: "llm-service",
      deploymentName: "tgi-gemma-deployment",
      hpaName: "gemma-hpa",
      metricStrategy: "batch-size",
      metricTarget: 20,
      connectCommand: "gcloud container clusters get-credentials llm-dev --location us-central1 --project demo-project",
      dashboardUrl: "https://console.cloud.google.com/monitoring/dashboards/builder/0b1c-d2?project=demo-project",
    });
    const config = reveal(kubeconfig) as { users: { user: { exec: { command: string } } }[] };
    assert.equal(config.users[0]?.user.exec.command, "gke-gcloud-auth-plugin");
  });
});
