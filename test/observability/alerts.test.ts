import assert from "node:assert/strict";
import { type AlertRule, alertRules, documentationOf, durationOf } from "../../observability/alerts";
import { OBSERVED_VARIANTS, observed } from "../support/observed";

const IDS = [
  "hpa-cannot-read-metric",
  "hpa-at-maximum",
  "replicas-not-ready",
  "server-not-scraped",
  "clients-refused",
  "metrics-adapter-unhealthy",
  "scaling-signal-missing",
  "gpu-idle",
];

const ids = (rules: readonly AlertRule[]) => rules.map(({ id }) => id);
const lasting = (forSeconds: number) => durationOf({ forSeconds } as AlertRule);

describe("The alerts of a stack", () => {
  it("are eight, less those that make no sense", () => {
    assert.deepEqual(ids(alertRules(observed())), IDS);
    assert.deepEqual(
      ids(alertRules(observed(OBSERVED_VARIANTS["somebody's adapter"]))),
      IDS.filter((id) => id !== "metrics-adapter-unhealthy"),
    );
    assert.deepEqual(
      ids(alertRules(observed(OBSERVED_VARIANTS["no scale-down"]))),
      IDS.filter((id) => id !== "gpu-idle"),
    );
  });

  it("fire after times that follow from the stack, or that are given", () => {
    const times = (rules: readonly AlertRule[]) =>
      Object.fromEntries(rules.map(({ id, forSeconds }) => [id, forSeconds]));
    assert.deepEqual(times(alertRules(observed())), {
      "hpa-cannot-read-metric": 300,
      "hpa-at-maximum": 900,
      "replicas-not-ready": 2700,
      "server-not-scraped": 180,
      "clients-refused": 120,
      "metrics-adapter-unhealthy": 300,
      "scaling-signal-missing": 300,
      "gpu-idle": 3600,
    });
    const given = {
      cannotReadSeconds: 30,
      atMaximumSeconds: 60,
      notReadySeconds: 90,
      notScrapedSeconds: 120,
      refusedSeconds: 150,
      adapterSeconds: 180,
      signalSeconds: 210,
      idleSeconds: 240,
    };
    assert.deepEqual(Object.values(times(alertRules(observed(), given))), Object.values(given));
    const query = (id: string) =>
      alertRules(observed(), { idlePercent: 17, adapterRestarts: 9 }).find((rule) => rule.id === id)?.query ?? "";
    assert.match(query("gpu-idle"), /< 17\)/);
    assert.match(query("metrics-adapter-unhealthy"), /> 8\.5$/);
  });

  it("differ between strategies in the one that names the signal alone", () => {
    const rules = alertRules(observed());
    for (const [variant, file] of Object.entries(OBSERVED_VARIANTS)) {
      const others = new Map(alertRules(observed(file)).map((rule) => [rule.id, rule]));
      if (!("metricStrategy" in file || "extraMetrics" in file) || "modelId" in file) continue;
      const changed = rules.filter((rule) => JSON.stringify(rule) !== JSON.stringify(others.get(rule.id)));
      assert.deepEqual(ids(changed), ["scaling-signal-missing"], variant);
    }
  });

  it("say what they mean and the first three things to do, within Google's limit", () => {
    for (const file of Object.values(OBSERVED_VARIANTS)) {
      const stack = observed(file);
      for (const rule of alertRules(stack)) {
        const text = documentationOf(rule, stack);
        assert.ok(text.length <= 8192, `${rule.id} has ${text.length} characters`);
        // Google would put the value of a label in its place.
        assert.ok(!text.includes("${"), rule.id);
        assert.ok(text.startsWith(rule.meaning) && rule.meaning.length > 60, rule.id);
        assert.deepEqual(
          [...text.matchAll(/^(\d)\. ./gm)].map(([, number]) => number),
          ["1", "2", "3"],
          rule.id,
        );
        assert.ok(
          text.includes(`get-credentials ${stack.cluster} --location ${stack.location} --project ${stack.project}`),
        );
        assert.ok(text.includes(`fires after ${durationOf(rule)}.`), rule.id);
      }
    }
  });

  it("look into the namespace of the stack", () => {
    const stack = observed(OBSERVED_VARIANTS["somebody's cluster"]);
    const steps = alertRules(stack).flatMap(({ firstSteps }) => firstSteps);
    assert.ok(steps.some((step) => step.includes("kubectl -n llm describe hpa gemma-hpa")));
    assert.ok(!steps.some((step) => step.includes("-n default")));
  });

  it("write durations as people read them", () => {
    assert.deepEqual([30, 90, 300, 2700, 3600, 5400, 3630].map(lasting), [
      "30 s",
      "1 min 30 s",
      "5 min",
      "45 min",
      "1 h",
      "1 h 30 min",
      "1 h 30 s",
    ]);
  });
});
