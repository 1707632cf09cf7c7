/** How long creating takes, in minutes: what is typical of Google, rounded. Deletes and updates take a third of it. */
const MINUTES: Readonly<Record<string, number>> = {
  "gcp:projects/service:Service": 0.4,
  "gcp:serviceaccount/account:Account": 0.2,
  "gcp:projects/iAMMember:IAMMember": 0.2,
  "gcp:compute/network:Network": 0.6,
  "gcp:compute/subnetwork:Subnetwork": 0.4,
  "gcp:compute/router:Router": 0.3,
  "gcp:compute/routerNat:RouterNat": 0.3,
  "gcp:container/cluster:Cluster": 9,
  "gcp:container/nodePool:NodePool": 2,
  "gcp:monitoring/dashboard:Dashboard": 0.1,
  "gcp:monitoring/alertPolicy:AlertPolicy": 0.1,
  "kubernetes:apps/v1:DaemonSet": 0.5,
};

/** The awaits that take long, by logical name: node, image, weights and warm-up; a grant that must come to hold. */
const MINUTES_BY_NAME: Readonly<Record<string, number>> = { "server-deployment": 14, "adapter-deployment": 3 };

const SHORT_MINUTES = 0.05;
const SHARE_OF_OTHER_OPERATIONS = 1 / 3;

export function minutesOf(operation: "create" | "update" | "delete" | "read", type: string, name: string): number {
  if (operation === "read") return 0;
  const creating = MINUTES_BY_NAME[name] ?? MINUTES[type] ?? SHORT_MINUTES;
  return operation === "create" ? creating : creating * SHARE_OF_OTHER_OPERATIONS;
}
