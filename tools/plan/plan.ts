import { DCGM_COMPONENT, MONITORING_COMPONENTS } from "../../catalog/gke";
import type { Problem } from "../../config/problem";
import type { StackConfig } from "../../config/stackConfig";
import type { Check } from "../../config/verdict";
import program from "../../index";
import { type AlertSummary, summarizeAlerts } from "./alerts";
import { type AutoscalerSummary, summarizeAutoscaler } from "./autoscaler";
import { type CapturedGraph, capture } from "./capture";
import { diffGraphs, type GraphDiff } from "./diff";
import type { LoadedStack, Placeholder } from "./load";
import { type Manifest, manifestsOf } from "./manifests";
import { type ComponentResources, componentsOf } from "./resources";

/** Everything that can be said about a stack before it exists. */
export interface Plan {
  readonly stack: string;
  readonly config: StackConfig;
  readonly placeholders: readonly Placeholder[];
  readonly components: readonly ComponentResources[];
  readonly autoscaler: AutoscalerSummary;
  readonly alerts: readonly AlertSummary[];
  readonly checks: readonly Check[];
  readonly warnings: readonly string[];
  readonly manifests: readonly Manifest[];
  readonly diff: GraphDiff | undefined;
  /** What the change brings that the compared stack does not have. */
  readonly brings: News | undefined;
}

/** What the autoscaler does differently, checks that are not fine, and warnings. */
export interface News extends Findings {
  /** Sentences of its summary that do not hold any more, and those that hold instead. */
  readonly autoscaler: { readonly gone: readonly string[]; readonly come: readonly string[] };
}

/** What the rules say of a stack. */
export interface Findings {
  readonly checks: readonly Check[];
  readonly warnings: readonly string[];
}

/** A stack whose configuration has problems: it cannot be planned. */
export class StackProblems extends Error {
  constructor(
    readonly stackName: string,
    /** Where the values with the problems are from: another file than the stack's own in a comparison. */
    readonly origin: string,
    readonly problems: readonly Problem[],
  ) {
    super(`${origin} has problems`);
  }
}

/**
 * Plans a stack: runs the program in memory, as a preview of a stack that does not exist yet.
 *
 * @param against what the stack is now, for a diff.
 * @throws StackProblems when either configuration has problems.
 */
export async function planStack(loaded: LoadedStack, against?: LoadedStack): Promise<Plan> {
  const { config, verdict } = loaded.parsed;
  if (config === undefined) throw new StackProblems(loaded.stack, loaded.origin, verdict.problems);
  const before = against === undefined ? undefined : await captureStack(against);
  const graph = await captureStack(loaded);
  const findings = findingsOf(loaded);
  const autoscaler = summarizeAutoscaler(config);
  return {
    stack: loaded.stack,
    config,
    placeholders: loaded.placeholders,
    components: componentsOf(graph),
    autoscaler,
    alerts: summarizeAlerts(graph),
    ...findings,
    manifests: manifestsOf(graph),
    diff: before === undefined ? undefined : diffGraphs(before, graph),
    brings: against && {
      ...beyond(findings, findingsOf(against)),
      autoscaler: sentencesBeyond(autoscaler, against.parsed.config),
    },
  };
}

function findingsOf({ parsed: { config, verdict }, warnings }: LoadedStack): Findings {
  const assumptions = config === undefined ? [] : assumptionsOf(config);
  return { checks: verdict.checks, warnings: [...warnings, ...verdict.warnings, ...assumptions] };
}

function sentencesBeyond({ sentences }: AutoscalerSummary, before: StackConfig | undefined): News["autoscaler"] {
  const known = before === undefined ? [] : summarizeAutoscaler(before).sentences;
  return {
    gone: known.filter((sentence) => !sentences.includes(sentence)),
    come: sentences.filter((sentence) => !known.includes(sentence)),
  };
}

/** What is not fine, and is not so already. */
function beyond({ checks, warnings }: Findings, known: Findings): Findings {
  const isKnown = ({ name, state, figures }: Check) =>
    known.checks.some((it) => it.name === name && it.state === state && it.figures === figures);
  return {
    checks: checks.filter((check) => check.state !== "ok" && !isKnown(check)),
    warnings: warnings.filter((warning) => !known.warnings.includes(warning)),
  };
}

/** The graph of a stack as its first preview would see it. */
export async function captureStack({
  project,
  stack,
  origin,
  raw,
  secretKeys,
  parsed,
}: LoadedStack): Promise<CapturedGraph> {
  const { config, verdict } = parsed;
  if (config === undefined) throw new StackProblems(stack, origin, verdict.problems);
  return capture(program, {
    project,
    stack,
    config: raw,
    secretKeys,
    mode: "preview",
    call: (token) => lookUp(token, config),
  });
}

/** What the plan takes for granted because only Google knows. */
function assumptionsOf({ cluster }: StackConfig): readonly string[] {
  if (cluster.kind === "create") return [];
  return [
    `The plan assumes that ${cluster.name} exists, with Workload Identity, managed Prometheus and what the strategy needs; pulumi looks, and refuses otherwise.`,
  ];
}

/** Answers of Google's lookups that the plan assumes. */
function lookUp(token: string, { cluster, project, location, dcgmExporter }: StackConfig): Record<string, unknown> {
  switch (token) {
    case "gcp:organizations/getProject:getProject":
      return { number: "PROJECT_NUMBER" };
    case "gcp:container/getCluster:getCluster":
      return {
        id: `projects/${project}/locations/${location.name}/clusters/${cluster.name}`,
        name: cluster.name,
        endpoint: "192.0.2.1",
        masterAuths: [{ clusterCaCertificate: "" }],
        workloadIdentityConfigs: [{ workloadPool: `${project}.svc.id.goog` }],
        monitoringConfigs: [
          {
            enableComponents: [...MONITORING_COMPONENTS, ...(dcgmExporter === "gke-managed" ? [DCGM_COMPONENT] : [])],
            managedPrometheuses: [{ enabled: true }],
          },
        ],
      };
    default:
      throw new Error(`the plan has no answer for ${token}`);
  }
}
