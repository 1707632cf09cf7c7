import { mkdtempSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import type { KubeConfig, V1Pod } from "@kubernetes/client-node";
import { ADAPTER } from "../../catalog/adapter";
import type { AdapterHome } from "../../standins/adapter/requests";
import { LOOPBACK } from "../../standins/loopback";
import { MetadataServer } from "../../standins/monitoring/metadata";
import { reservePorts } from "../rig/ports";
import { start } from "../rig/processes";
import { until } from "../rig/wait";
import { Crash, type PlayedPod } from "./playedKubelet";

/** It reads every metric descriptor of its project before it listens, and the machine may be busy. */
const START_SECONDS = 60;

/** What an adapter finds around it. */
export interface AdapterSurroundings {
  readonly home: AdapterHome;
  /** Address of Cloud Monitoring. */
  readonly monitoring: string;
  /** Of the run: an adapter of its own binary keeps its files there. */
  readonly folder: string;
}

/** The adapter's own binary, where one is to take the place of the stand-in. */
export function adapterBinary(): string | undefined {
  return process.env.ADAPTER_BINARY;
}

/**
 * Runs the adapter's own binary in the place of the stand-in, with the arguments of the pod. It gets from the rig what
 * it would find on a node: a metadata server, the pod's service account, and Cloud Monitoring's address. Its windows
 * are of real time, whatever the profile.
 *
 * @param file of the binary, built from GoogleCloudPlatform/k8s-stackdriver `custom-metrics-stackdriver-adapter`.
 * @param account the pod's own identity.
 */
export async function runAdapterBinary(
  file: string,
  pod: V1Pod,
  account: KubeConfig,
  { home, monitoring, folder }: AdapterSurroundings,
): Promise<PlayedPod> {
  const own = mkdtempSync(join(folder, "adapter-"));
  const kubeConfig = join(own, "kubeconfig");
  writeFileSync(kubeConfig, account.exportConfig(), { mode: 0o600 });
  const metadata = new MetadataServer(home);
  const metadataHost = await metadata.start();
  const [port = 0] = await reservePorts(1);
  const program = start(
    ADAPTER.name,
    file,
    [
      ...argumentsOf(pod),
      `--bind-address=${LOOPBACK}`,
      `--secure-port=${port}`,
      `--cert-dir=${join(own, "certificates")}`,
      `--stackdriver-endpoint=${monitoring}`,
      ...["lister", "authentication", "authorization"].map((part) => `--${part}-kubeconfig=${kubeConfig}`),
    ],
    own,
    // It ends where its grant does not hold yet: kubelet starts it again.
    { env: { GCE_METADATA_HOST: metadataHost }, mayEnd: true },
  );
  const stop = async () => {
    await program.stop();
    await metadata.stop();
  };
  try {
    await until(
      `${ADAPTER.name} to be healthy`,
      async () => {
        if (program.exitCode() !== undefined) throw new Crash(program.lastLines(3));
        const status = await healthStatus(port);
        return status === 200 ? {} : `status ${status}, and as its last words:\n${program.lastLines(3)}`;
      },
      { seconds: START_SECONDS, everyMs: 100, unless: (error) => error instanceof Crash },
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return { ports: { [ADAPTER.port]: port }, stop };
}

/** What the container is started with, after the name of the program. */
function argumentsOf({ spec }: V1Pod): readonly string[] {
  const [container] = spec?.containers ?? [];
  return [...(container?.command ?? []).slice(1), ...(container?.args ?? [])];
}

/** Asks once, as the readiness probe does. */
function healthStatus(port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request({ host: LOOPBACK, port, path: "/healthz", rejectUnauthorized: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on("error", reject)
      .end();
  });
}
