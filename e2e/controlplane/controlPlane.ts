import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { KubeConfig } from "@kubernetes/client-node";
import { LOOPBACK } from "../../standins/loopback";
import type { Programs } from "../rig/binaries";
import { Authority, type Identity } from "../rig/certificates";
import { reservePorts } from "../rig/ports";
import { start } from "../rig/processes";
import { until } from "../rig/wait";
import { ApiClient } from "./apiClient";
import { HpaSyncs } from "./hpaSyncs";
import { kubeConfigOf } from "./kubeConfig";

/** What a test shortens; the rest is as Kubernetes ships it. */
export interface ControllerTimes {
  /** `--horizontal-pod-autoscaler-sync-period`, in milliseconds. */
  readonly hpaSyncMs: number;
  /** `--horizontal-pod-autoscaler-downscale-stabilization`, in seconds. */
  readonly downscaleStabilizationSeconds: number;
}

export interface ControlPlaneOptions extends ControllerTimes {
  readonly programs: Programs<"kubernetes">;
  /** Folder of the run: certificates, data and logs go there. Its path must be short: a socket lives in it. */
  readonly folder: string;
}

/** A running control plane: API server with its store, controllers and scheduler. */
export interface ControlPlane {
  /** An administrator's. */
  readonly kubeConfig: KubeConfig;
  /** Signs the client certificate with which the API server presents itself to aggregated APIs. */
  readonly requestHeaderAuthority: Authority;
  /** What the API server dials services through: a socket on which an HTTP CONNECT proxy must listen. */
  readonly serviceSocket: string;
  readonly hpaSyncs: HpaSyncs;
  /** Flags of the controller manager, for the record. */
  readonly controllerFlags: readonly string[];
  /** Its API, as the administrator. */
  readonly api: ApiClient;
}

/** The name under which the API server presents itself to aggregated APIs. */
export const AGGREGATOR = "front-proxy-client";

const CONTROLLERS = [
  "deployment-controller",
  "replicaset-controller",
  "daemonset-controller",
  "horizontal-pod-autoscaler-controller",
  "disruption-controller",
  "endpointslice-controller",
  "namespace-controller",
  "garbage-collector-controller",
  "pod-garbage-collector-controller",
  "serviceaccount-controller",
  "root-ca-certificate-publisher-controller",
  "node-lifecycle-controller",
  "taint-eviction-controller",
] as const;

/** Controllers serve health and metrics, which nobody here reads: without a port nothing can be in its place. */
const NO_SERVER = "--secure-port=0";

/** Starts a control plane and waits until each of its parts says that it is ready. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { folder, programs } = options;
  const [etcdPort = 0, peerPort = 0, apiPort = 0] = await reservePorts(3);
  const authority = await Authority.create("kubernetes");
  const requestHeaderAuthority = await Authority.create("front-proxy");
  const serviceAccountAuthority = await Authority.create("service-accounts");
  const files = new Files(join(folder, "pki"));
  const server = `https://${LOOPBACK}:${apiPort}`;
  const client = async (commonName: string, organizations: readonly string[] = []) =>
    kubeConfigFor(server, authority.certificate, await authority.issue({ commonName, organizations }));
  const serviceSocket = join(folder, "services.sock");
  const hpaSyncs = new HpaSyncs(folder);

  start(
    "etcd",
    programs.etcd,
    [
      `--data-dir=${join(folder, "etcd")}`,
      `--listen-client-urls=http://${LOOPBACK}:${etcdPort}`,
      `--advertise-client-urls=http://${LOOPBACK}:${etcdPort}`,
      `--listen-peer-urls=http://${LOOPBACK}:${peerPort}`,
      // The data of a run is thrown away: waiting for the disk protects nothing.
      "--unsafe-no-fsync",
    ],
    folder,
  );
  const serving = await authority.issue({ commonName: "kube-apiserver", hosts: [LOOPBACK, "localhost"] });
  const aggregator = await requestHeaderAuthority.issue({ commonName: AGGREGATOR });
  const serviceAccountKey = files.write("service-accounts.key", await serviceAccountAuthority.key());
  start(
    "kube-apiserver",
    programs["kube-apiserver"],
    [
      `--etcd-servers=http://${LOOPBACK}:${etcdPort}`,
      `--bind-address=${LOOPBACK}`,
      `--secure-port=${apiPort}`,
      // A server that nobody reaches under this address: nothing is published.
      "--advertise-address=192.0.2.1",
      "--endpoint-reconciler-type=none",
      `--tls-cert-file=${files.write("serving.crt", serving.certificate)}`,
      `--tls-private-key-file=${files.write("serving.key", serving.key)}`,
      `--client-ca-file=${files.write("ca.crt", authority.certificate)}`,
      // The self-managed DCGM exporter reads devices; GKE Standard clusters allow that.
      "--allow-privileged=true",
      "--authorization-mode=RBAC",
      "--anonymous-auth=false",
      "--service-account-issuer=https://kubernetes.default.svc",
      `--service-account-key-file=${files.write("service-accounts.crt", serviceAccountAuthority.certificate)}`,
      `--service-account-signing-key-file=${serviceAccountKey}`,
      "--service-cluster-ip-range=10.96.0.0/16",
      `--requestheader-client-ca-file=${files.write("front-proxy.crt", requestHeaderAuthority.certificate)}`,
      `--requestheader-allowed-names=${AGGREGATOR}`,
      "--requestheader-username-headers=X-Remote-User",
      "--requestheader-group-headers=X-Remote-Group",
      "--requestheader-extra-headers-prefix=X-Remote-Extra-",
      `--proxy-client-cert-file=${files.write("aggregator.crt", aggregator.certificate)}`,
      `--proxy-client-key-file=${files.write("aggregator.key", aggregator.key)}`,
      `--egress-selector-config-file=${files.write("egress.yaml", egressThrough(serviceSocket))}`,
      ...hpaSyncs.flags,
    ],
    folder,
  );
  const kubeConfig = await client("administrator", ["system:masters"]);
  const api = new ApiClient(kubeConfig);
  // One of both that ends instead is a fault of the run, which ends the waiting.
  await until("kube-apiserver to be ready", async () => ({ text: await api.text("/readyz") }), { seconds: 60 });

  const controllerFlags = [
    `--controllers=${CONTROLLERS.join(",")}`,
    // The HPA controller reads metrics with its own account and roles, as on a real cluster.
    "--use-service-account-credentials=true",
    `--horizontal-pod-autoscaler-sync-period=${options.hpaSyncMs}ms`,
    `--horizontal-pod-autoscaler-downscale-stabilization=${options.downscaleStabilizationSeconds}s`,
  ];
  const controllerConfig = files.write(
    "controller-manager.kubeconfig",
    (await client("system:kube-controller-manager")).exportConfig(),
  );
  const schedulerConfig = files.write("scheduler.kubeconfig", (await client("system:kube-scheduler")).exportConfig());
  start(
    "kube-controller-manager",
    programs["kube-controller-manager"],
    [
      ...controllerFlags,
      `--kubeconfig=${controllerConfig}`,
      `--service-account-private-key-file=${serviceAccountKey}`,
      `--root-ca-file=${files.path("ca.crt")}`,
      NO_SERVER,
      "--leader-elect=false",
    ],
    folder,
  );
  start(
    "kube-scheduler",
    programs["kube-scheduler"],
    [`--kubeconfig=${schedulerConfig}`, NO_SERVER, "--leader-elect=false"],
    folder,
  );
  return {
    kubeConfig,
    requestHeaderAuthority,
    serviceSocket,
    hpaSyncs,
    controllerFlags,
    api,
  };
}

/** Small files of a run, by name. */
class Files {
  constructor(private readonly folder: string) {
    // Not its parents: the folder of a run that has ended stays away.
    mkdirSync(folder);
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  write(name: string, content: string): string {
    writeFileSync(this.path(name), content, { mode: 0o600 });
    return this.path(name);
  }
}

/**
 * Sends what the API server says to services and pods through a proxy. A cluster has kube-proxy for that; here the
 * stack's own Services keep their cluster addresses, and the proxy knows where their pods are played.
 */
function egressThrough(socket: string): string {
  return JSON.stringify({
    apiVersion: "apiserver.k8s.io/v1beta1",
    kind: "EgressSelectorConfiguration",
    egressSelections: [
      {
        name: "cluster",
        connection: { proxyProtocol: "HTTPConnect", transport: { uds: { udsName: socket } } },
      },
    ],
  });
}

function kubeConfigFor(server: string, authority: string, identity: Identity): KubeConfig {
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  return kubeConfigOf(
    { name: "played", server, caData: base64(authority), skipTLSVerify: false },
    { name: "user", certData: base64(identity.certificate), keyData: base64(identity.key) },
  );
}
