import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { stringify } from "yaml";
import { z } from "zod";
import { ADAPTER } from "../../catalog/adapter";
import type { Place } from "../../observability/promql";
import type { CapturedGraph } from "../../tools/plan/capture";
import type { ALERTS } from "../support/observed";
import { captureStack, input, type Settings } from "../support/stack";
import type { Stage, World } from "./model";
import { GRID_SECONDS, inputSeries, type Seconds } from "./series";
import { stageOf } from "./stage";
import { seriesOf } from "./world";

export type AlertId = (typeof ALERTS)[number];

export interface Firing {
  readonly alert: AlertId;
  /** The first evaluation at which it fires; undefined: at some time. */
  readonly at?: Seconds;
  /** The first one at which it does not any more. */
  readonly until?: Seconds;
}

/** Worlds over some time, and what must come of them. */
export interface Play {
  readonly name: string;
  readonly worlds: (stage: Stage) => readonly World[];
  readonly end: Seconds;
  /** Every other alert must be silent at every evaluation. */
  readonly fires: readonly Firing[];
}

const MISSING = spawnSync("promtool", ["--version"]).error !== undefined;

// Hooks outside of a suite are the whole run's.
before(function () {
  if (!MISSING) return;
  console.log("promtool is not installed: the alert tests are skipped (Debian and Ubuntu: apt install prometheus)");
  this.skip();
});

/** The plays of all tests, in order. */
const plays: (() => Promise<void>)[] = [];

/**
 * A test that plays a stack's alert policies, as the program makes them, and fails with promtool's own words. While one
 * is waited for, the next one runs already: promtool uses one core, and there are two.
 */
export function itPlays(title: string, settings: Settings, ...played: readonly Play[]): void {
  let begun: Promise<void> | undefined;
  const play = () => {
    begun ??= run(settings, played);
    return begun;
  };
  const index = plays.push(play) - 1;
  it(title, () => {
    const verdict = play();
    // Its own test reports how it goes.
    plays[index + 1]?.().catch(() => undefined);
    return verdict;
  });
}

async function run(settings: Settings, played: readonly Play[]): Promise<void> {
  const graph = await capturedAlone(settings);
  const policies = policiesOf(graph);
  const folder = await mkdtemp(join(tmpdir(), "alerts-"));
  try {
    await writeFile(join(folder, "rules.yaml"), yaml(ruleFile(policies)));
    await writeFile(join(folder, "tests.yaml"), yaml(testFile(policies, stageOf(graph), played)));
    await promisify(execFile)("promtool", ["test", "rules", "tests.yaml"], { cwd: folder }).catch(
      ({ stdout, stderr }: { stdout?: string; stderr?: string }) => assert.fail(`promtool:\n${stdout}${stderr}`),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

let capturing: Promise<unknown> = Promise.resolve();

/** Programs run one at a time: Pulumi's runtime is one for the process. */
function capturedAlone(settings: Settings): Promise<CapturedGraph> {
  const graph = capturing.then(() => captureStack(settings));
  capturing = graph.catch(() => undefined);
  return graph;
}

/** The alerts that a stack has. */
export async function alertsOf(settings: Settings): Promise<readonly string[]> {
  return policiesOf(await capturedAlone(settings)).map(({ id }) => id);
}

const PROMQL_CONDITION = z.object({
  query: z.string(),
  duration: z.string(),
  evaluationInterval: z.string(),
  alertRule: z.string(),
  ruleGroup: z.string(),
});
type Policy = z.infer<typeof PROMQL_CONDITION> & { readonly id: string };

function policiesOf({ resources }: CapturedGraph): readonly Policy[] {
  return resources
    .filter((resource) => resource.type === "gcp:monitoring/alertPolicy:AlertPolicy")
    .map((policy) => ({
      id: policy.name.replace(/^alerts-/, ""),
      ...PROMQL_CONDITION.parse(input(policy, "conditions.0.conditionPrometheusQueryLanguage")),
    }));
}

function ruleFile(policies: readonly Policy[]) {
  return {
    groups: [...new Set(policies.map((policy) => policy.ruleGroup))].map((name) => ({
      name,
      interval: intervalOf(policies),
      rules: policies
        .filter((policy) => policy.ruleGroup === name)
        .map(({ alertRule, query, duration }) => ({ alert: alertRule, expr: query, for: duration })),
    })),
  };
}

/** promtool evaluates all rules at the same time. */
function intervalOf(policies: readonly Policy[]): string {
  const [interval, ...others] = new Set(policies.map((policy) => policy.evaluationInterval));
  assert.ok(interval !== undefined && others.length === 0, "the policies differ in evaluationInterval");
  return interval;
}

function testFile(policies: readonly Policy[], stage: Stage, plays: readonly Play[]) {
  return {
    rule_files: ["rules.yaml"],
    evaluation_interval: intervalOf(policies),
    tests: plays.map(({ name, worlds, end, fires }) => ({
      name,
      interval: `${GRID_SECONDS}s`,
      input_series: inputSeries(worlds(stage).flatMap(seriesOf), end),
      alert_rule_test: fires.flatMap((firing) => edges(firing, policies, stage)),
      promql_expr_test: [everFired({ end, fires }, policies, stage)],
    })),
  };
}

/** Silent until just before, firing at once, and so on. */
function edges({ alert, at, until }: Firing, policies: readonly Policy[], stage: Stage) {
  const interval = Number.parseInt(intervalOf(policies), 10);
  const test = (time: Seconds, fires: boolean) => ({
    eval_time: `${time}s`,
    alertname: nameOf(alert, policies),
    exp_alerts: fires ? [{ exp_labels: placeOf(alert, stage) }] : [],
  });
  return [
    ...(at === undefined ? [] : [test(at - interval, false), test(at, true)]),
    ...(until === undefined ? [] : [test(until - interval, true), test(until, false)]),
  ];
}

/** What has fired at any evaluation: exactly that, there, and nothing else. */
function everFired({ end, fires }: Pick<Play, "end" | "fires">, policies: readonly Policy[], stage: Stage) {
  return {
    expr: `max without (alertstate) (max_over_time(ALERTS{alertstate="firing"}[${end + 1}s]))`,
    eval_time: `${end}s`,
    exp_samples: fires.map(({ alert }) => ({
      labels: labels({ alertname: nameOf(alert, policies), ...placeOf(alert, stage) }),
      value: 1,
    })),
  };
}

function nameOf(alert: AlertId, policies: readonly Policy[]): string {
  const policy = policies.find(({ id }) => id === alert);
  return policy?.alertRule ?? assert.fail(`the stack has no alert ${alert}`);
}

/** Its labels are these and no others: an incident says where it is, and there is one. */
function placeOf(alert: AlertId, { place }: Stage): Place {
  return alert === "metrics-adapter-unhealthy" ? { ...place, namespace: ADAPTER.namespace } : place;
}

function labels(of: object): string {
  return `{${Object.entries(of)
    .map(([label, value]) => `${label}=${JSON.stringify(value)}`)
    .join(",")}}`;
}

function yaml(document: unknown): string {
  return stringify(document, { lineWidth: 0, aliasDuplicateObjects: false });
}
