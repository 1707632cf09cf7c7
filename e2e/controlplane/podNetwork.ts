import { createServer, type Server } from "node:http";
import { connect } from "node:net";
import { CoreV1Api, DiscoveryV1Api, type KubeConfig } from "@kubernetes/client-node";
import { LOOPBACK } from "../../standins/loopback";

/**
 * The addresses of played pods. A pod has an address of its own in the cluster's records, and what it serves listens
 * on a free port of this machine: here is which.
 */
export class PodNetwork {
  private readonly ports = new Map<string, number>();
  private next = 1;

  /** An address that no pod has had. */
  newAddress(): string {
    const number = this.next;
    this.next += 1;
    return `10.128.${Math.floor(number / 250)}.${(number % 250) + 1}`;
  }

  /** Says that something listens for a pod's port. */
  serve(address: string, podPort: number, localPort: number): void {
    this.ports.set(`${address}:${podPort}`, localPort);
  }

  withdraw(address: string): void {
    for (const key of [...this.ports.keys()]) if (key.startsWith(`${address}:`)) this.ports.delete(key);
  }

  localPort(address: string, podPort: number): number | undefined {
    return this.ports.get(`${address}:${podPort}`);
  }
}

/**
 * Plays kube-proxy for the API server: an HTTP CONNECT proxy on a socket, through which the server dials the cluster
 * addresses of Services. It picks a ready endpoint, as EndpointSlices say.
 */
export async function serveServices(socket: string, kubeConfig: KubeConfig, network: PodNetwork): Promise<Server> {
  const core = kubeConfig.makeApiClient(CoreV1Api);
  const discovery = kubeConfig.makeApiClient(DiscoveryV1Api);
  const server = createServer();
  server.on("connect", (request, client, head) => {
    client.on("error", () => client.destroy());
    resolveService(request.url ?? "", core, discovery, network)
      .then((port) => {
        if (port === undefined) {
          client.end("HTTP/1.1 503 No ready endpoint\r\n\r\n");
          return;
        }
        const upstream = connect(port, LOOPBACK, () => {
          client.write("HTTP/1.1 200 Connected\r\n\r\n");
          upstream.write(head);
          upstream.pipe(client).pipe(upstream);
        });
        upstream.on("error", () => client.destroy());
        client.on("close", () => upstream.destroy());
      })
      .catch(() => client.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(socket, resolve);
  });
  return server;
}

/** The local port behind `clusterAddress:port`, or behind a pod's own address. */
async function resolveService(
  target: string,
  core: CoreV1Api,
  discovery: DiscoveryV1Api,
  network: PodNetwork,
): Promise<number | undefined> {
  const [address = "", port = ""] = target.split(":");
  const direct = network.localPort(address, Number(port));
  if (direct !== undefined) return direct;
  const { items: services } = await core.listServiceForAllNamespaces();
  const service = services.find((it) => it.spec?.clusterIP === address);
  if (service?.metadata?.namespace === undefined) return undefined;
  const { items: slices } = await discovery.listNamespacedEndpointSlice({
    namespace: service.metadata.namespace,
    labelSelector: `kubernetes.io/service-name=${service.metadata.name}`,
  });
  const served = slices.flatMap(({ endpoints = [], ports = [] }) =>
    endpoints
      .filter((endpoint) => endpoint.conditions?.ready === true)
      .flatMap((endpoint) =>
        ports.map(({ port: podPort = 0 }) => network.localPort(endpoint.addresses[0] ?? "", podPort)),
      ),
  );
  const ready = served.filter((local) => local !== undefined);
  return ready[Math.floor(Math.random() * ready.length)];
}
