import assert from "node:assert/strict";
import { type AlertRule, documentationOf, durationOf } from "../../observability/alertRule";
import { alertRules } from "../../observability/alerts";
import type { StackFile } from "../support/config";
import { ALERTS, type Combination, combinations, OBSERVED_VARIANTS, observed } from "../support/observed";

const ids = (rules: readonly AlertRule[]) => rules.map(({ id }) => id);
const lasting = (forSeconds: number) => durationOf({ forSeconds } as AlertRule);

describe("The alerts of a stack", () => {
  it("are eight, less those that make no sense", () => {
    assert.deepEqual(ids(alertRules(observed())), ALERTS);
    assert.deepEqual(
      ids(alertRules(observed(OBSERVED_VARIANTS["somebody's adapter"]))),
      ALERTS.filter((id) => id !== "metrics-adapter-unhealthy"),
    );
    assert.deepEqual(
      ids(alertRules(observed(OBSERVED_VARIANTS["no scale-down"]))),
      ALERTS.filter((id) => id !== "gpu-idle" && id !== "hpa-at-maximum"),
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
    const others = { idlePercent: 17, adapterRestarts: 9, refusedRequests: 40, notReadySeconds: 630 };
    const query = (id: string) => alertRules(observed(), others).find((rule) => rule.id === id)?.query ?? "";
    assert.match(query("gpu-idle"), /< 17\)/);
    assert.match(query("metrics-adapter-unhealthy"), /> 8\.5$/);
    assert.match(query("clients-refused"), /> 39\.5$/);
    // "More than lately" looks back as far as the alert waits.
    assert.match(query("replicas-not-ready"), /\[630s\] offset /);
    assert.throws(() => alertRules(observed(), { refusedSeconds: 45 }), /refusedSeconds \(45\)/);
  });

  it("differ between strategies in the one that names the signal alone", () => {
    const firsts = new Map<string, Combination>();
    let compared = 0;
    for (const combination of combinations()) {
      const first = firsts.get(combination.others) ?? combination;
      firsts.set(combination.others, first);
      if (first === combination) continue;
      const before = new Map(alertRules(first.stack).map((rule) => [rule.id, JSON.stringify(rule)]));
      const changed = alertRules(combination.stack).filter((rule) => JSON.stringify(rule) !== before.get(rule.id));
      assert.deepEqual(ids(changed), ["scaling-signal-missing"], combination.name);
      compared += 1;
    }
    assert.ok(compared > 100, `only ${compared} stacks`);
  });

  it("name every signal of the HPA", () => {
    const missing = alertRules(observed(OBSERVED_VARIANTS["all four signals"])).find(
      ({ id }) => id === "scaling-signal-missing",
    );
    const all = "queue-size, batch-size, gke-duty-cycle, dcgm-gpu-util";
    assert.equal(missing?.title, `Scaling signal is missing (${all})`);
    assert.match(missing?.meaning ?? "", new RegExp(`one of the signals that the HPA scales on \\(${all}\\)`));
    const [, ...present] = missing?.query.split(/ unless on \(\) \(| and (?=count\()/) ?? [];
    assert.deepEqual(
      present.map((series) => /^count\(([\w:]+)\{/.exec(series)?.[1]),
      [
        "tgi_queue_size",
        "tgi_batch_current_size",
        "kubernetes_io:container_accelerator_duty_cycle",
        "DCGM_FI_DEV_GPU_UTIL",
      ],
    );
  });

  it("say where the signal comes from, and that one of two is missing", () => {
    const missing = (set: StackFile) =>
      alertRules(observed(set)).find(({ id }) => id === "scaling-signal-missing") ?? assert.fail();
    const extraMetrics = JSON.stringify([{ strategy: "batch-size", target: 20 }]);
    assert.match(missing({ extraMetrics }).meaning, /one of the signals that .* \(queue-size, batch-size\)/);
    assert.match(missing({}).meaning, /but the signal that .* \(queue-size\)/);
    for (const [set, source] of [
      [{}, "kubectl -n default describe podmonitoring gemma-pod-monitoring"],
      [{ metricStrategy: "batch-size" }, "kubectl -n default describe podmonitoring gemma-pod-monitoring"],
      [{ metricStrategy: "gke-duty-cycle" }, "gcloud container clusters describe llm-dev --location us-central1"],
      [{ metricStrategy: "dcgm-gpu-util" }, "kubectl -n gke-managed-system get pods"],
      [{ metricStrategy: "dcgm-gpu-util", dcgmExporter: "self-managed" }, "kubectl -n gmp-public get pods"],
    ] as const) {
      assert.ok(missing(set).firstSteps[2].includes(source), missing(set).firstSteps[2]);
    }
  });

  it("are as grave as what they say", () => {
    const severities = Object.fromEntries(alertRules(observed()).map(({ id, severity }) => [id, severity]));
    assert.deepEqual(severities, {
      "hpa-cannot-read-metric": "CRITICAL",
      "hpa-at-maximum": "WARNING",
      "replicas-not-ready": "ERROR",
      "server-not-scraped": "ERROR",
      "clients-refused": "CRITICAL",
      "metrics-adapter-unhealthy": "ERROR",
      "scaling-signal-missing": "ERROR",
      "gpu-idle": "WARNING",
    });
  });

  it("are the same in every stack, less those that make no sense there", () => {
    for (const { name, stack } of combinations()) {
      const expected = ALERTS.filter(
        (id) =>
          (id !== "metrics-adapter-unhealthy" || stack.adapter) &&
          (!["gpu-idle", "hpa-at-maximum"].includes(id) || !stack.scaleDown.disabled),
      );
      assert.deepEqual(ids(alertRules(stack)), expected, name);
    }
  });

  it("say what they mean and the first three things to do, within Google's limit", () => {
    const stacks = [...Object.values(OBSERVED_VARIANTS).map(observed), ...combinations().map(({ stack }) => stack)];
    for (const stack of stacks) {
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
        assert.ok(text.includes(`fires when that has held for ${durationOf(rule)}.`), rule.id);
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
