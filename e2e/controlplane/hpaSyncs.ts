import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The account of the HPA controller, which it uses for this only where controllers have accounts of their own. */
const CONTROLLER = "system:serviceaccount:kube-system:horizontal-pod-autoscaler";

/**
 * Counts the syncs of the HPA controller: a check that nothing moves proves nothing while the controller stands still.
 * The API server's audit log tells of each, since every sync begins by reading the scale of its Deployment, whatever
 * becomes of the metrics, and whether or not there is an adapter to ask.
 */
export class HpaSyncs {
  private readonly log: string;
  /** Of the API server. */
  readonly flags: readonly string[];

  constructor(folder: string) {
    this.log = join(folder, "hpa-syncs.log");
    const policy = join(folder, "audit-policy.json");
    writeFileSync(policy, JSON.stringify(POLICY));
    this.flags = [`--audit-policy-file=${policy}`, `--audit-log-path=${this.log}`];
  }

  /** Syncs since the cluster's start, of all autoscalers together. */
  get count(): number {
    return existsSync(this.log) ? readFileSync(this.log, "utf8").split("\n").length - 1 : 0;
  }
}

const POLICY = {
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  // One line a request, when it has been answered.
  omitStages: ["RequestReceived"],
  rules: [
    {
      level: "Metadata",
      users: [CONTROLLER],
      verbs: ["get"],
      resources: [{ group: "apps", resources: ["deployments/scale"] }],
    },
    { level: "None" },
  ],
};
