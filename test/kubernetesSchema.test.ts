import assert from "node:assert/strict";
import { validateKubernetesObject } from "./support/kubernetesSchema";

type Path = readonly (string | number)[];

const labels = { "app.kubernetes.io/name": "tgi" };
const selector = { matchLabels: labels };
const RBAC = "rbac.authorization.k8s.io/v1";

function named(apiVersion: string, kind: string, name: string, fields: object = {}) {
  return { apiVersion, kind, metadata: { name, labels }, ...fields };
}

const rules = [{ apiGroups: [""], resources: ["pods"], verbs: ["get", "list"] }];
const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "system:auth-delegator" };
const binding = { roleRef, subjects: [{ kind: "ServiceAccount", name: "adapter", namespace: "monitoring" }] };

function workload(kind: string) {
  const container = {
    name: "tgi",
    env: [{ name: "TOKEN", valueFrom: { secretKeyRef: { name: "huggingface", key: "token" } } }],
    ports: [{ name: "http", containerPort: 8080 }],
    readinessProbe: { httpGet: { path: "/health", port: "http" }, periodSeconds: 5 },
    resources: { requests: { cpu: 4, memory: "16Gi" }, limits: { "nvidia.com/gpu": "1" } },
  };
  const spec = { containers: [container], volumes: [{ name: "shm", emptyDir: { sizeLimit: "1Gi" } }] };
  return named("apps/v1", kind, "tgi", { spec: { selector, template: { metadata: { labels }, spec } } });
}

const metric = { type: "Pods", pods: { metric: { name: "queue" }, target: { type: "Value", averageValue: "10" } } };
const scaleUp = { tolerance: "50m", policies: [{ type: "Pods", value: 1, periodSeconds: 15 }] };
const scaleTargetRef = { apiVersion: "apps/v1", kind: "Deployment", name: "tgi" };
const apiService = { group: "external.metrics.k8s.io", version: "v1", groupPriorityMinimum: 100, versionPriority: 100 };
const relabeling = [
  { action: "keep", sourceLabels: ["__name__"], regex: "tgi_.*" },
  { sourceLabels: ["gpu"], targetLabel: "device" },
];
const endpoint = { port: "http", path: "/metrics", interval: "1m30s", timeout: "90s", metricRelabeling: relabeling };

const VALID: Readonly<Record<string, object>> = {
  Deployment: workload("Deployment"),
  DaemonSet: workload("DaemonSet"),
  HorizontalPodAutoscaler: named("autoscaling/v2", "HorizontalPodAutoscaler", "tgi", {
    spec: { scaleTargetRef, maxReplicas: 3, metrics: [metric], behavior: { scaleUp } },
  }),
  Service: named("v1", "Service", "tgi", {
    spec: { selector: labels, ports: [{ name: "http", port: 80, targetPort: "http" }] },
  }),
  PodDisruptionBudget: named("policy/v1", "PodDisruptionBudget", "tgi", {
    spec: { maxUnavailable: "50%", selector: { matchExpressions: [{ key: "app", operator: "Exists" }] } },
  }),
  APIService: named("apiregistration.k8s.io/v1", "APIService", "v1.external.metrics.k8s.io", {
    spec: { ...apiService, service: { name: "adapter", namespace: "monitoring", port: 443 } },
  }),
  Role: named(RBAC, "Role", "adapter:pods", { rules }),
  ClusterRole: named(RBAC, "ClusterRole", "adapter:pods", { rules }),
  RoleBinding: named(RBAC, "RoleBinding", "adapter:system:auth-delegator", binding),
  ClusterRoleBinding: named(RBAC, "ClusterRoleBinding", "adapter:system:auth-delegator", binding),
  Secret: named("v1", "Secret", "huggingface", { type: "Opaque", data: { token: "aGY=" } }),
  ConfigMap: named("v1", "ConfigMap", "counters", { data: { "counters.csv": "DCGM" } }),
  Namespace: named("v1", "Namespace", "llm"),
  ServiceAccount: named("v1", "ServiceAccount", "adapter"),
  PodMonitoring: named("monitoring.googleapis.com/v1", "PodMonitoring", "tgi", {
    spec: {
      selector: { ...selector, matchExpressions: [{ key: "app", operator: "In", values: ["tgi"] }] },
      endpoints: [endpoint],
      targetLabels: { metadata: ["pod", "container"], fromPod: [{ from: "app.kubernetes.io/name", to: "app" }] },
      limits: { samples: 1000 },
      filterRunning: true,
    },
  }),
};

/** A copy with another value at that path; `undefined` takes the field away. */
function changed(value: unknown, [key, ...rest]: Path, to: unknown): unknown {
  if (key === undefined) return to;
  if (Array.isArray(value)) return value.map((item, index) => (index === key ? changed(item, rest, to) : item));
  const fields = new Map(Object.entries(value ?? {}));
  const field = changed(fields.get(String(key)), rest, to);
  if (field === undefined) fields.delete(String(key));
  else fields.set(String(key), field);
  return Object.fromEntries(fields);
}

/** `a.b[0].c` as its parts; a quoted key keeps its dots. */
function parts(path: string): Path {
  const found = path.matchAll(/\["([^"]+)"\]|\[(\d+)\]|([^.[]+)/g);
  return [...found].map(([, quoted, index, name]) => (index === undefined ? (quoted ?? name ?? "") : Number(index)));
}

function problems(kind: string, path: string, to: unknown): string[] {
  return validateKubernetesObject(changed(VALID[kind], parts(path), to));
}

const CONTAINER = "spec.template.spec.containers[0]";
const METRIC = "spec.metrics[0].pods";
const ENDPOINT = "spec.endpoints[0]";
const RELABEL = `${ENDPOINT}.metricRelabeling[0]`;

const TOO_LONG = "a".repeat(254);

const MISSPELT: Readonly<Record<string, readonly string[]>> = {
  Deployment: [`${CONTAINER}.imagePullPolice`, `${CONTAINER}.env[0].valueFrom.secretKeyRef.kei`, "metadata.label"],
  DaemonSet: ["spec.replicas"],
  HorizontalPodAutoscaler: [`${METRIC}.target.averageVal`],
  Service: ["spec.ports[0].target-port"],
  PodDisruptionBudget: ["spec.selector.matchLabel"],
  APIService: ["spec.service.Port"],
  ClusterRole: ["rules[0].verb"],
  ClusterRoleBinding: ["subjects[0].namespaces"],
  Secret: ["spec"],
  PodMonitoring: ["spec.selectors", `${ENDPOINT}.intervall`, `${RELABEL}["source.labels"]`],
};

type Fault = readonly [kind: string, path: string, value: unknown, message: string];

const MISTYPED: readonly Fault[] = [
  ["Deployment", `${CONTAINER}.ports[0].containerPort`, "8080", "must be integer"],
  ["Deployment", `${CONTAINER}.resources.limits["nvidia.com/gpu"]`, true, "must be number or string"],
  ["Deployment", `${CONTAINER}.resources.requests.memory`, "16 GB", "must be number or quantity"],
  ["Deployment", `${CONTAINER}.readinessProbe.httpGet.port`, 80.5, "must be string or integer"],
  ["Deployment", `${CONTAINER}.imagePullPolicy`, "Sometimes", "must be Always or IfNotPresent or Never"],
  ["Deployment", `${CONTAINER}.restartPolicyRules`, "known to client-node alone", "must be array"],
  ["Deployment", 'metadata.labels["app.kubernetes.io/name"]', 1, "must be string"],
  ["HorizontalPodAutoscaler", `${METRIC}.target.averageValue`, ["10"], "must be number or string"],
  ["HorizontalPodAutoscaler", "spec.behavior.scaleUp.tolerance", false, "must be number or string"],
  ["Service", "spec.ports[0].port", "http", "must be integer"],
  ["PodDisruptionBudget", "spec.maxUnavailable", true, "must be string or integer"],
  ["APIService", "spec.groupPriorityMinimum", 1.5, "must be integer"],
  ["ClusterRole", "rules[0].verbs", "get", "must be array"],
  ["Secret", "data.token", "not base64", "must be byte"],
  ["PodMonitoring", `${ENDPOINT}.port`, 80.5, "must be a port's name or number"],
  ["PodMonitoring", "spec.filterRunning", "yes", "Invalid input: expected boolean, received string"],
];

const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  Deployment: ["spec.selector", `${CONTAINER}.name`],
  HorizontalPodAutoscaler: ["spec.maxReplicas", `${METRIC}.metric`],
  Service: ["spec.ports[0].port"],
  PodDisruptionBudget: ["spec.selector.matchExpressions[0].operator"],
  APIService: ["spec.versionPriority"],
  ClusterRole: ["rules[0].verbs"],
  RoleBinding: ["roleRef.name"],
  ConfigMap: ["metadata.name"],
  PodMonitoring: ["metadata.name", "spec.selector", `${ENDPOINT}.interval`, `${ENDPOINT}.port`],
};

/** Fields that are well-formed by themselves, and that the operator of managed Prometheus refuses all the same. */
const REFUSED: readonly Fault[] = [
  ["PodMonitoring", "spec.endpoints", [], "Too small: expected array to have >=1 items"],
  ["PodMonitoring", `${ENDPOINT}.timeout`, "91s", "longer than the interval, 1m30s"],
  ["PodMonitoring", `${ENDPOINT}.interval`, "90", 'not a Prometheus duration such as "15s"'],
  ["PodMonitoring", `${RELABEL}.regex`, undefined, "required by action keep"],
  ["PodMonitoring", `${RELABEL}.regex`, "", "required by action keep"],
  ["PodMonitoring", `${ENDPOINT}.metricRelabeling[1].targetLabel`, undefined, "required by action replace"],
  ["PodMonitoring", `${RELABEL}.targetLabel`, "job", "a protected label"],
  ["PodMonitoring", `${RELABEL}.targetLabel`, "top_level_controller_name", "a protected label"],
  ["PodMonitoring", "spec.targetLabels.fromPod[0].to", "cluster", "a protected label"],
  ["PodMonitoring", "spec.targetLabels.metadata", ["pod", "pod"], "lists a label twice"],
];

const MISNAMED: readonly Fault[] = [
  ["Deployment", "metadata.name", "TGI", '"TGI" is not a DNS-1123 name'],
  ["Deployment", "metadata.name", "system:tgi", '"system:tgi" is not a DNS-1123 name'],
  ["Deployment", "metadata.name", TOO_LONG, `"${TOO_LONG}" is not a DNS-1123 name`],
  ["ClusterRole", "metadata.name", "system:", '"system:" is not a DNS-1123 name'],
  ["Service", "metadata.name", "tgi.llm", '"tgi.llm" is not a DNS-1123 label'],
  ["Service", "metadata.name", TOO_LONG.slice(0, 64), `"${TOO_LONG.slice(0, 64)}" is not a DNS-1123 label`],
  ["PodMonitoring", "metadata.name", "tgi_1", '"tgi_1" is not a DNS-1123 name'],
];

function faults(table: typeof MISSPELT, value: unknown, message: string): Fault[] {
  return Object.entries(table).flatMap(([kind, paths]) => paths.map((path): Fault => [kind, path, value, message]));
}

const FAULTS: readonly Fault[] = [
  ...faults(MISSPELT, "x", "unknown field"),
  ...faults(REQUIRED, undefined, "required field missing"),
  ...MISTYPED,
  ...MISNAMED,
  ...REFUSED,
];

describe("validateKubernetesObject", () => {
  for (const [kind, object] of Object.entries(VALID)) {
    it(`accepts a valid ${kind}`, () => assert.deepEqual(validateKubernetesObject(object), []));
  }

  for (const [kind, path, value, message] of FAULTS) {
    it(`reports ${kind} ${path} when it is ${JSON.stringify(value)?.slice(0, 30)}`, () => {
      assert.deepEqual(problems(kind, path, value), [`${path}: ${message}`]);
    });
  }

  for (const action of ["lowercase", "uppercase", "keepequal", "dropequal", "labelmap", "Keep"]) {
    it(`refuses a PodMonitoring with the action ${action}`, () => {
      const found = problems("PodMonitoring", `${RELABEL}.action`, action).join();
      assert.match(found, /^spec\.endpoints\[0\]\.metricRelabeling\[0\]\.action: Invalid option[^\n,]*$/);
    });
  }

  it("accepts a name of 253 characters", () => {
    assert.deepEqual(problems("Deployment", "metadata.name", TOO_LONG.slice(1)), []);
  });

  it("names the field at fault, when it is not the one that changed", () => {
    const unmapped = problems("PodMonitoring", "spec.targetLabels.fromPod[0].to", undefined);
    assert.deepEqual(unmapped, ["spec.targetLabels.fromPod[0].from: not a Prometheus label name"]);
    const hashed = problems("PodMonitoring", `${RELABEL}.action`, "hashmod").slice(1);
    assert.deepEqual(hashed, [`${RELABEL}.modulus: required by action hashmod`]);
  });

  it("accepts a tolerance as a number", () => {
    assert.deepEqual(problems("HorizontalPodAutoscaler", "spec.behavior.scaleUp.tolerance", 0.05), []);
  });

  for (const value of [null, undefined, Number.NaN, new Map()]) {
    const what = value instanceof Map ? "an instance of Map" : String(value);
    it(`reports ${what}, wherever it is`, () => {
      const problem = `${what} is no value for a field`;
      assert.deepEqual(validateKubernetesObject({ ...VALID.Secret, data: value }), [`data: ${problem}`]);
      const metadata = { name: "a", finalizers: [value] };
      assert.deepEqual(validateKubernetesObject({ ...VALID.Secret, metadata }), [`metadata.finalizers[0]: ${problem}`]);
    });
  }

  it("reports every problem, each field once", () => {
    const spec = { replica: 1, paused: "no", template: {} };
    assert.deepEqual(validateKubernetesObject({ apiVersion: "apps/v1", kind: "Deployment", spec }), [
      "metadata.name: required field missing",
      "spec.selector: required field missing",
      "spec.paused: must be boolean",
      "spec.replica: unknown field",
    ]);
  });

  for (const type of ["apps/v1 Deploiment", "apps/v2 Deployment", "batch/v1 Deployment", "apps/v1 DeploymentSpec"]) {
    it(`knows no ${type}`, () => {
      const [apiVersion = "", kind = ""] = type.split(" ");
      assert.deepEqual(validateKubernetesObject(named(apiVersion, kind, "a")), [`kind: no schema for ${type}`]);
    });
  }

  for (const nothing of [undefined, null, [], "kind", {}, { apiVersion: "v1" }, { kind: "Secret", apiVersion: 1 }]) {
    it(`takes ${JSON.stringify(nothing)} for no object`, () => {
      assert.deepEqual(validateKubernetesObject(nothing), ["apiVersion, kind: required field missing"]);
    });
  }
});
