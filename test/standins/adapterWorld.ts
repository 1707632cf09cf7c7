import { Agent, request } from "node:https";
import { Authority, type Identity } from "../../e2e/rig/certificates";
import { type Access, type AdapterOptions, AdapterServer } from "../../standins/adapter/server";
import { MonitoringServer } from "../../standins/monitoring/server";
import { SeriesStore } from "../../standins/monitoring/store";

export const HOME = { project: "demo-proj", cluster: "demo-cluster", location: "us-central1" };
export const QUEUE = "prometheus.googleapis.com/tgi_queue_size/gauge";
export const DUTY = "kubernetes.io/container/accelerator/duty_cycle";
/** The moment at which every test begins. */
export const T0 = Date.parse("2026-11-24T10:05:00Z");
export const HPA = "system:serviceaccount:kube-system:horizontal-pod-autoscaler";

/** Where the HPA controller asks for the queue of the server's pods, and for the duty cycle. */
export const PODS =
  "/apis/custom.metrics.k8s.io/v1beta2/namespaces/llm/pods/*/prometheus.googleapis.com%7Ctgi_queue_size%7Cgauge";
export const EXTERNAL =
  "/apis/external.metrics.k8s.io/v1beta1/namespaces/llm/kubernetes.io%7Ccontainer%7Caccelerator%7Cduty_cycle";

/** Certificates are made once: that takes longer than everything else. */
export interface Certificates {
  readonly authority: Authority;
  readonly serving: Identity;
  readonly aggregator: Identity;
  /** Of the same authority, by a name that is not allowed. */
  readonly otherName: Identity;
  /** By the allowed name, of another authority. */
  readonly otherAuthority: Identity;
}

export async function certificates(): Promise<Certificates> {
  const [authority, own, stranger] = await Promise.all(["front-proxy", "adapter", "front-proxy"].map(Authority.create));
  if (authority === undefined || own === undefined || stranger === undefined) throw new Error("three were made");
  const aggregator = { commonName: "front-proxy-client" };
  return {
    authority,
    serving: await own.issue({ commonName: "adapter", hosts: ["localhost", "127.0.0.1"] }),
    aggregator: await authority.issue(aggregator),
    otherName: await authority.issue({ commonName: "somebody" }),
    otherAuthority: await stranger.issue(aggregator),
  };
}

/** What tests look at in the adapter's documents. */
export interface Document {
  readonly kind?: string;
  readonly apiVersion?: string;
  readonly message?: string;
  readonly reason?: string;
  readonly code?: number;
  readonly items?: readonly Item[];
  readonly groups?: readonly { readonly name: string; readonly preferredVersion: object }[];
  readonly versions?: readonly object[];
  readonly resources?: readonly object[];
}

export interface Item {
  readonly describedObject?: { readonly name: string };
  readonly metric?: { readonly selector: { readonly matchLabels?: object; readonly matchExpressions?: object } | null };
  readonly value: string;
}

export interface Answer {
  readonly status: number;
  readonly type: string | undefined;
  readonly text: string;
  /** Empty where the answer is no JSON. */
  readonly body: Document;
}

/** Store, Cloud Monitoring and adapter, joined by real sockets, on a clock that a test moves. */
export class AdapterWorld {
  now = T0;
  readonly store = new SeriesStore(() => this.now);
  readonly monitoring = new MonitoringServer(this.store);
  readonly accesses: Access[] = [];
  readonly selectors: (readonly [namespace: string, selector: string])[] = [];
  /** What the API server would answer. */
  pods: readonly string[] | Error = ["tgi-a", "tgi-b", "tgi-c"];
  allowed = true;
  private adapter: AdapterServer | undefined;
  private port = 0;
  /** Connections are kept, as the API server keeps them. */
  private readonly agents = new Map<string, Agent>();

  constructor(private readonly made: Certificates) {}

  async start(options: Partial<AdapterOptions> = {}): Promise<number> {
    const monitoring = await this.monitoring.start();
    this.adapter = new AdapterServer({
      home: HOME,
      monitoring,
      certificate: this.made.serving.certificate,
      key: this.made.serving.key,
      requestHeaderAuthority: this.made.authority.certificate,
      requestHeaderNames: ["front-proxy-client"],
      now: () => this.now,
      pods: async (namespace, selector) => {
        this.selectors.push([namespace, selector]);
        if (this.pods instanceof Error) throw this.pods;
        return this.pods;
      },
      allowed: async (access) => {
        this.accesses.push(access);
        return this.allowed;
      },
      ...options,
    });
    this.port = options.port ?? 0;
    this.port = await this.adapter.start();
    return this.port;
  }

  async stop(): Promise<void> {
    for (const agent of this.agents.values()) agent.destroy();
    await this.adapter?.stop();
    await this.monitoring.stop();
  }

  /** Filters of the queries that Cloud Monitoring got. */
  get filters(): readonly (string | undefined)[] {
    return this.monitoring.requests.flatMap(({ method, query }) =>
      method === "timeSeries.list" ? [query.filter] : [],
    );
  }

  writeQueue(
    pod: string,
    value: number,
    { job = "gemma", cluster = HOME.cluster, namespace = "llm", at = this.now } = {},
  ) {
    const resource = {
      type: "prometheus_target",
      labels: { project_id: HOME.project, location: HOME.location, cluster, namespace, job },
    };
    this.store.write(
      { project: HOME.project, metric: { type: QUEUE, labels: { pod } }, resource },
      { value, at, visibleAt: at },
    );
  }

  writeDuty(
    pod: string,
    value: number,
    { gpu = "0", cluster = HOME.cluster, container = "server", project = HOME.project } = {},
  ) {
    const resource = {
      type: "k8s_container",
      labels: {
        project_id: project,
        location: HOME.location,
        cluster_name: cluster,
        namespace_name: "llm",
        pod_name: pod,
        container_name: container,
      },
    };
    this.store.write(
      { project, metric: { type: DUTY, labels: { accelerator_id: gpu } }, resource },
      { value, at: this.now, visibleAt: this.now },
    );
  }

  /** Asks as the API server does for the HPA controller, or as somebody else. */
  get(
    path: string,
    {
      identity = this.made.aggregator,
      headers = { "X-Remote-User": HPA, "X-Remote-Group": ["system:serviceaccounts", "system:authenticated"] },
      method = "GET",
    }: {
      identity?: Identity | undefined;
      headers?: Readonly<Record<string, string | string[]>>;
      method?: string;
    } = {},
  ): Promise<Answer> {
    const agent = this.agentOf(identity);
    return new Promise((resolve, reject) => {
      request({ host: "127.0.0.1", port: this.port, path, method, headers, agent }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          const type = response.headers["content-type"];
          const body: Document = type === "application/json" ? JSON.parse(text) : {};
          resolve({ status: response.statusCode ?? 0, type, text, body });
        });
      })
        .on("error", reject)
        .end();
    });
  }

  private agentOf({ certificate, key }: Identity): Agent {
    const client = certificate === "" ? {} : { cert: certificate, key };
    const agent = this.agents.get(certificate) ?? new Agent({ keepAlive: true, rejectUnauthorized: false, ...client });
    this.agents.set(certificate, agent);
    return agent;
  }
}

export const NOBODY: Identity = { certificate: "", key: "" };

/** Has every test of a suite begin with an adapter of its own, under certificates that are made once. */
export function inFreshWorlds(enter: (world: AdapterWorld) => void): void {
  let made: Certificates;
  let world: AdapterWorld;
  before(async () => {
    made = await certificates();
  });
  beforeEach(async () => {
    world = new AdapterWorld(made);
    await world.start();
    enter(world);
  });
  afterEach(() => world.stop());
}
