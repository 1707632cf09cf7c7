/** What is right in our stack where the tutorial as written is not, as far as the rig can show it. */
interface Row {
  /** What the tutorial does or leaves out. */
  readonly what: string;
  /** What becomes of it. */
  readonly tutorial: string;
  readonly ours: string;
  /** What decided the outcome: a real controller, or a stand-in: a mark says what that rests on. */
  readonly decidedBy: string;
}

/** Marks of the table, and what each stand-in rests on. */
export const STAND_INS = {
  "¹": "adapter: k8s-stackdriver v0.16.9, held against its recorded requests; its own binary (`ADAPTER_BINARY`) decides the same",
  "²": "Cloud Monitoring: Monitoring API v3 and its filters",
  "³": "TGI: router of v2.4.0",
  "⁴": "managed collection: prometheus-engine, Prometheus' relabelling",
  "⁵": "kubelet",
} as const;

export const ROWS = {
  grant: {
    what: "grants the adapter nothing",
    tutorial: "adapter crashes, HPA reads `<unknown>`",
    ours: "grant before the adapter's first start",
    decidedBy: "**real** HPA controller, stand-in ¹",
  },
  warmUp: {
    what: "has no warm-up: TGI has no gauges before its first request",
    tutorial: "`<unknown>` until traffic comes",
    ours: "a value from the first readiness on",
    decidedBy: "**real** HPA controller, stand-in ³",
  },
  name: {
    what: "calls the metric `tgi_batch_size`",
    tutorial: "`<unknown>` for ever",
    ours: "`tgi_batch_current_size`",
    decidedBy: "**real** HPA controller, stand-in ³",
  },
  probes: {
    what: "has no probes",
    tutorial: "a new pod gets requests before it serves",
    ours: "ready when it serves",
    decidedBy: "**real** EndpointSlice controller, stand-in ⁵",
  },
  pool: {
    what: "has a pool that holds less than `maxReplicas`",
    tutorial: "replicas stay Pending",
    ours: "the pool holds them",
    decidedBy: "**real** scheduler",
  },
  replicas: {
    what: "has `replicas: 1` in the Deployment",
    tutorial: "the next apply cuts 3 servers to 1",
    ours: "the next apply leaves them",
    decidedBy: "**real** API server",
  },
  disruption: {
    what: "has no PodDisruptionBudget",
    tutorial: "a drain takes all servers at once",
    ours: "one at a time",
    decidedBy: "**real** API server, disruption controller",
  },
  twoHpas: {
    what: "has two HPA names, one Deployment",
    tutorial: "both stop: AmbiguousSelector",
    ours: "one HPA, whatever the strategy",
    decidedBy: "**real** HPA controller",
  },
  gpus: {
    what: "forgets that GPU series come one per GPU",
    tutorial: "two GPUs at 50 % pass a target of 60",
    ours: "target × GPUs of a pod",
    decidedBy: "**real** HPA controller, stand-in ²",
  },
  scope: {
    what: "scopes the duty cycle to no cluster",
    tutorial: "an idle cluster follows another's load to the maximum",
    ours: "does not move",
    decidedBy: "**real** HPA controller, stand-ins ¹ ²",
  },
  exporter: {
    what: "scrapes a DCGM exporter that it does not install",
    tutorial: "`<unknown>`",
    ours: "GKE's own exporter, or one that it installs",
    decidedBy: "**real** HPA controller, stand-in ⁴",
  },
  keep: {
    what: "has `action: keep` without a regex",
    tutorial: "every DCGM series is ingested",
    ours: "the one that is read",
    decidedBy: "stand-in ⁴",
  },
} as const satisfies Record<string, Row>;

/** The table that the README quotes. */
export function controlGroupTable(): string {
  const rows = Object.values(ROWS).map((row) => [row.what, row.tutorial, row.ours, row.decidedBy]);
  const head = ["the tutorial …", "so", "this stack", "decided by"];
  const lines = [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
  const marks = Object.entries(STAND_INS).map(([mark, source]) => `${mark} ${source}`);
  return `${lines.join("\n")}\n\n${marks.join("; ")}.`;
}
