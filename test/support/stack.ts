import assert from "node:assert/strict";
import { MONITORING_COMPONENTS } from "../../catalog/gke";
import { PROJECT_NAME } from "../../config/parse";
import program from "../../index";
import { type CapturedGraph, type CapturedResource, type CaptureOptions, capture } from "../../tools/plan/capture";
import { type CapturedValue, Secret, UNKNOWN, valueAt } from "../../tools/plan/values";

/** A stack's own keys, without their namespace, and the provider's with it. */
export type Settings = Readonly<Record<string, string | number | boolean | object | undefined>>;

export const TOKEN = "hf_a-token-that-must-not-leak";

/** The smallest config that makes a stack. */
export const MINIMAL: Settings = {
  "gcp:project": "demo-project",
  "gcp:region": "us-central1",
  huggingFaceToken: TOKEN,
};

/** Config as Pulumi hands it over; keys that are undefined are not set. */
export function rawConfig(settings: Settings): Record<string, string> {
  const set = Object.entries(settings).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    set.map(([key, value]) => [
      key.includes(":") ? key : `${PROJECT_NAME}:${key}`,
      typeof value === "object" ? JSON.stringify(value) : String(value),
    ]),
  );
}

/** What Google's lookups answer, and what it computes, once things exist. */
const PROJECT_NUMBER = "123456789012";
export const CLUSTER_FOUND = {
  id: "projects/demo-project/locations/us-central1/clusters/theirs",
  name: "theirs",
  endpoint: "203.0.113.7",
  masterAuths: [{ clusterCaCertificate: "Y2VydA==" }],
  workloadIdentityConfigs: [{ workloadPool: "demo-project.svc.id.goog" }],
  monitoringConfigs: [
    { enableComponents: [...MONITORING_COMPONENTS, "DCGM"], managedPrometheuses: [{ enabled: true }] },
  ],
};

/** Graphs by settings: they are never changed, and making one takes a tenth of a second. */
const captured = new Map<string, Promise<CapturedGraph>>();

/** Runs the real program in memory with some settings on top of the smallest config. */
export function captureStack(
  settings: Settings = {},
  options: Partial<Pick<CaptureOptions, "mode" | "call">> = {},
): Promise<CapturedGraph> {
  if (options.call !== undefined) return run(settings, options);
  const key = JSON.stringify([rawConfig({ ...MINIMAL, ...settings }), options.mode]);
  const graph = captured.get(key) ?? run(settings, options);
  captured.set(key, graph);
  return graph;
}

function run(settings: Settings, options: Partial<Pick<CaptureOptions, "mode" | "call">>): Promise<CapturedGraph> {
  return capture(program, {
    stack: "dev",
    mode: "up",
    config: rawConfig({ ...MINIMAL, ...settings }),
    secretKeys: [`${PROJECT_NAME}:huggingFaceToken`],
    call: (token) => (token.endsWith("getProject") ? { number: PROJECT_NUMBER } : CLUSTER_FOUND),
    computed: ({ type, inputs }) => {
      switch (type) {
        case "gcp:serviceaccount/account:Account": {
          const email = `${inputs.accountId}@demo-project.iam.gserviceaccount.com`;
          return { email, member: `serviceAccount:${email}` };
        }
        case "gcp:monitoring/dashboard:Dashboard":
          return { id: "projects/123456789012/dashboards/0b1c-d2" };
        case "gcp:container/cluster:Cluster":
          return { endpoint: "203.0.113.1", masterAuth: { clusterCaCertificate: "Y2VydA==" } };
        default:
          return {};
      }
    },
    ...options,
  });
}

/** The one resource of a logical name. */
export function find(graph: CapturedGraph, name: string): CapturedResource {
  const found = graph.resources.filter((resource) => resource.name === name);
  const [resource] = found;
  const all = graph.resources.map((candidate) => candidate.name).join(", ");
  if (resource === undefined || found.length > 1)
    assert.fail(`${found.length} resources are named ${name}; there are ${all}`);
  return resource;
}

export function has(graph: CapturedGraph, name: string): boolean {
  return graph.resources.some((resource) => resource.name === name);
}

/** A property of a resource as plain data: secrets are looked into, unknowns fail. */
export function input(resource: CapturedResource, path: string): unknown {
  return reveal(valueAt(resource.inputs, path));
}

export function reveal(value: CapturedValue | undefined): unknown {
  if (value === UNKNOWN) assert.fail("the value is not known");
  if (value instanceof Secret) return reveal(value.value);
  if (Array.isArray(value)) return value.map(reveal);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, reveal(part)]));
  }
  return value;
}

/** Whether one resource waits for another, directly or through others. */
export function waitsFor(graph: CapturedGraph, name: string, other: string): boolean {
  const target = find(graph, other).urn;
  const seen = new Set<string>();
  const visit = (urn: string): boolean => {
    if (urn === target) return true;
    if (seen.has(urn)) return false;
    seen.add(urn);
    const resource = graph.resources.find((candidate) => candidate.urn === urn);
    const provider = resource?.provider.split("::").slice(0, -1).join("::") ?? "";
    return [...(resource?.dependencies ?? []), ...(provider === "" ? [] : [provider])].some(visit);
  };
  return visit(find(graph, name).urn) && name !== other;
}
