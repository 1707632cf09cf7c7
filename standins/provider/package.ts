import { randomUUID } from "node:crypto";
import { type Cloud, type CloudObject, clusterAt, removeCluster } from "./cloud";
import { completed, foreseen, isAdditive, made, PROJECT_NUMBER } from "./google";
import { textAt, type WireObject } from "./wire";

/** What differs between the two providers that the stand-in answers for. */
export interface ProviderPackage {
  readonly version: string;
  configure(config: WireObject): void;
  /** Fails when there is nobody to talk to. */
  connect(): void;
  /** Whether what cannot be reached counts as deleted. */
  isGone(): boolean;
  check(type: string, name: string, olds: WireObject, news: WireObject, seed: Uint8Array): WireObject;
  foresee(type: string, inputs: WireObject): WireObject;
  make(type: string, inputs: WireObject): CloudObject;
  /** Whether what exists already is taken over instead of refused. */
  takesOver(type: string): boolean;
  keyOf(type: string, id: string): Pick<CloudObject, "type" | "id" | "cluster">;
  remove(object: CloudObject): void;
  /** Whether a successor must wait until its predecessor has gone. */
  deletesFirst(type: string): boolean;
  invoke(token: string, args: WireObject): WireObject;
}

export function googlePackage(cloud: Cloud): ProviderPackage {
  return {
    version: "9.37.0",
    configure: () => {},
    connect: () => {},
    isGone: () => false,
    check: completed,
    foresee: foreseen,
    make: (type, inputs) => {
      const { id, outputs } = made(type, inputs);
      return { type, id, cluster: "", inputs, outputs };
    },
    takesOver: isAdditive,
    keyOf: (type, id) => ({ type, id, cluster: "" }),
    remove: (object) => {
      if (object.inputs.deletionProtection === true) {
        throw new Error("Cannot destroy cluster because deletion_protection is set to true.");
      }
      if (object.type === "gcp:container/cluster:Cluster") removeCluster(cloud, object);
      // An API that is turned on stays on.
      else if (object.type !== "gcp:projects/service:Service" || object.inputs.disableOnDestroy !== false) {
        cloud.remove(object);
      }
    },
    deletesFirst: () => false,
    invoke: (token, args) => {
      switch (token) {
        case "gcp:organizations/getProject:getProject":
          return { id: `projects/${args.projectId}`, number: PROJECT_NUMBER, projectId: args.projectId };
        case "gcp:container/getCluster:getCluster":
          return lookUpCluster(cloud, args);
        default:
          throw new Error(`the stand-in for gcp does not know ${token}`);
      }
    },
  };
}

/** A cluster as the data source gives it: blocks as lists, and an empty result where there is none. */
function lookUpCluster(cloud: Cloud, args: WireObject): WireObject {
  const id = `projects/${args.project}/locations/${args.location}/clusters/${args.name}`;
  const found = cloud.find({ type: "gcp:container/cluster:Cluster", id, cluster: "" });
  if (found === undefined) return { ...args, id };
  const { monitoringConfig, workloadIdentityConfig } = found.inputs;
  const monitoring = monitoringConfig as WireObject | undefined;
  return {
    ...args,
    id,
    endpoint: found.outputs.endpoint,
    masterAuths: [found.outputs.masterAuth ?? null],
    workloadIdentityConfigs: [workloadIdentityConfig ?? null],
    monitoringConfigs: [
      { enableComponents: monitoring?.enableComponents, managedPrometheuses: [monitoring?.managedPrometheus ?? null] },
    ],
  };
}

export function kubernetesPackage(cloud: Cloud): ProviderPackage {
  let endpoint = "";
  const unreachable = () => clusterAt(cloud, endpoint) === undefined;
  return {
    version: "4.34.2",
    configure: (config) => {
      const kubeconfig = JSON.parse(textAt(config, "kubeconfig") ?? "{}");
      const server = textAt(kubeconfig.clusters?.[0], "cluster", "server") ?? "";
      endpoint = server.replace("https://", "");
    },
    connect: () => {
      if (unreachable()) throw new Error(`configured Kubernetes cluster is unreachable: ${endpoint}`);
    },
    isGone: () => unreachable() && process.env.PULUMI_K8S_DELETE_UNREACHABLE === "true",
    check: (_type, _name, _olds, news) => news,
    foresee: (_type, inputs) => inputs,
    make: (type, inputs) => ({
      type,
      id: kubernetesId(inputs),
      cluster: endpoint,
      inputs,
      outputs: { metadata: { ...(inputs.metadata as WireObject), uid: randomUUID() } },
    }),
    // Since 4.29 creating over what exists is refused; this has the provider apply to it instead.
    takesOver: () => process.env.PULUMI_K8S_UPSERT_EXISTING_OBJECTS === "true",
    keyOf: (type, id) => ({ type, id, cluster: endpoint }),
    remove: (object) => cloud.remove(object),
    // Names are the program's: two objects of one name cannot exist.
    deletesFirst: () => true,
    invoke: (token) => {
      throw new Error(`the stand-in for kubernetes does not know ${token}`);
    },
  };
}

function kubernetesId(inputs: WireObject): string {
  const namespace = textAt(inputs, "metadata", "namespace");
  const name = textAt(inputs, "metadata", "name") ?? "";
  return namespace === undefined ? name : `${namespace}/${name}`;
}
