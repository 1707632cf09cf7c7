import assert from "node:assert/strict";
import { Alerts } from "../../components/alerts";
import { documentationOf } from "../../observability/alertRule";
import { alertRules } from "../../observability/alerts";
import { type CapturedGraph, capture } from "../../tools/plan/capture";
import { ALERT_POLICY, validateGoogleMessage } from "../support/googleMessages";
import { observed } from "../support/observed";
import { captureStack, reveal, type Settings } from "../support/stack";

const CHANNELS = ["projects/demo-project/notificationChannels/1", "projects/demo-project/notificationChannels/2"];

const policies = (graph: CapturedGraph) =>
  graph.resources
    .filter(({ type }) => type === "gcp:monitoring/alertPolicy:AlertPolicy")
    .map(({ name, inputs }) => ({ name, policy: reveal(inputs) as Policy }));

interface Policy {
  readonly project: string;
  readonly displayName: string;
  readonly severity: string;
  readonly combiner: string;
  readonly conditions: readonly [{ readonly conditionPrometheusQueryLanguage: Condition }];
  readonly alertStrategy: { readonly autoClose: string; readonly notificationRateLimit?: object };
  readonly documentation: { readonly content: string; readonly mimeType: string };
  readonly notificationChannels?: readonly string[];
  readonly userLabels: Readonly<Record<string, string>>;
}

interface Condition {
  readonly query: string;
  readonly duration: string;
  readonly evaluationInterval: string;
  readonly alertRule: string;
  readonly disableMetricValidation: boolean;
}

describe("the alerts component", () => {
  it("makes a policy of each rule", async () => {
    const stack = observed();
    const rules = alertRules({ ...stack, project: "demo-project" });
    const made = policies(await captureStack({}));
    assert.equal(made.length, 8);
    for (const [index, { name, policy }] of made.entries()) {
      const rule = rules[index] ?? assert.fail("more policies than rules");
      const [{ conditionPrometheusQueryLanguage: condition }] = policy.conditions;
      assert.equal(name, `alerts-${rule.id}`);
      assert.equal(policy.severity, rule.severity);
      assert.equal(condition.query, rule.query);
      assert.equal(condition.duration, `${rule.forSeconds}s`);
      assert.equal(policy.documentation.content, documentationOf(rule, { ...stack, project: "demo-project" }));
    }
    assert.equal(made[0]?.policy.displayName, "llm-dev/default: HPA cannot read its metric (5 min)");
    assert.equal(made[0]?.policy.conditions[0].conditionPrometheusQueryLanguage.alertRule, "HpaCannotReadMetric");
    assert.equal(made[7]?.policy.conditions[0].conditionPrometheusQueryLanguage.alertRule, "GpuIdle");
  });

  for (const settings of [
    {},
    { metricStrategy: "dcgm-gpu-util", dcgmExporter: "self-managed", namespace: "llm" },
    { notificationChannels: CHANNELS, labels: { team: "ml" } },
  ] satisfies readonly Settings[]) {
    it(`keeps to what Google accepts: ${JSON.stringify(settings)}`, async () => {
      for (const { name, policy } of policies(await captureStack(settings))) {
        const { project, ...message } = policy;
        assert.equal(project, "demo-project");
        assert.deepEqual(validateGoogleMessage(ALERT_POLICY, JSON.parse(JSON.stringify(message))), [], name);
        assert.equal(policy.conditions.length, 1);
        assert.equal(policy.combiner, "OR");
        const [{ conditionPrometheusQueryLanguage: condition }] = policy.conditions;
        // A project that has never seen a series of TGI must accept it.
        assert.equal(condition.disableMetricValidation, true);
        assert.match(condition.alertRule, /^[A-Za-z_][A-Za-z0-9_]*$/);
        assert.match(condition.evaluationInterval, /^[1-9]\d*s$/);
        assert.equal(Number.parseInt(condition.evaluationInterval, 10) % 30, 0);
        assert.match(policy.alertStrategy.autoClose, /^\d+s$/);
        assert.ok(Number.parseInt(policy.alertStrategy.autoClose, 10) >= 1800);
        assert.equal(policy.alertStrategy.notificationRateLimit, undefined);
        assert.ok(policy.displayName.length <= 512 && policy.documentation.content.length <= 8192);
        assert.equal(policy.documentation.mimeType, "text/markdown");
        const { notificationChannels, labels = {} } = settings as {
          notificationChannels?: readonly string[];
          labels?: Readonly<Record<string, string>>;
        };
        assert.deepEqual(policy.notificationChannels, notificationChannels);
        assert.deepEqual(policy.userLabels, labels);
      }
    });
  }

  it("is held against a definition that a wrong policy breaks", () => {
    const condition = { query: "up", duration: "30s" };
    const policy = (fields: object, more: object = {}) =>
      JSON.parse(
        JSON.stringify({
          displayName: "p",
          conditions: [{ conditionPrometheusQueryLanguage: fields }],
          ...more,
        }),
      );
    assert.deepEqual(validateGoogleMessage(ALERT_POLICY, policy(condition)), []);
    const both = { conditionPrometheusQueryLanguage: condition, conditionThreshold: { filter: "f" } };
    for (const wrong of [
      policy({ ...condition, for: "30s" }),
      policy({ ...condition, duration: 30 }),
      policy({ ...condition, duration: "30" }),
      policy({ ...condition, disableMetricValidation: "true" }),
      policy(condition, { combiner: "XOR" }),
      policy(condition, { severity: "FATAL" }),
      policy(condition, { project: "demo-project" }),
      policy(condition, { userLabels: ["team"] }),
      policy(condition, { conditions: [both] }),
    ]) {
      assert.equal(validateGoogleMessage(ALERT_POLICY, wrong).length, 1, JSON.stringify(wrong));
    }
  });

  it("takes other thresholds than those that follow from the stack", async () => {
    const args = { project: "demo-project", stack: observed(), notificationChannels: [], labels: {} };
    const thresholds = { cannotReadSeconds: 600, idlePercent: 17 };
    const graph = await capture(() => void new Alerts("own", { ...args, thresholds }), {
      stack: "dev",
      mode: "up",
      config: {},
    });
    const made = policies(graph);
    const [first] = made;
    assert.equal(first?.name, "own-hpa-cannot-read-metric");
    assert.equal(first?.policy.conditions[0].conditionPrometheusQueryLanguage.duration, "600s");
    assert.match(first?.policy.displayName ?? "", / \(10 min\)$/);
    assert.match(first?.policy.documentation.content ?? "", /held for 10 min\./);
    assert.match(made.at(-1)?.policy.conditions[0].conditionPrometheusQueryLanguage.query ?? "", /< 17\)/);
  });

  it("is left out on demand", async () => {
    assert.deepEqual(policies(await captureStack({ alerts: false })), []);
  });
});
