import { createHash, randomUUID } from "node:crypto";
import { UNKNOWN_SENTINEL } from "../../tools/plan/values";
import { textAt, type WireObject } from "./wire";

export const PROJECT_NUMBER = "123456789012";

/** Types whose name the provider chooses where the program does not: the logical one with a random end. */
const AUTONAMED = new Set([
  "gcp:compute/network:Network",
  "gcp:compute/subnetwork:Subnetwork",
  "gcp:compute/router:Router",
  "gcp:compute/routerNat:RouterNat",
  "gcp:container/nodePool:NodePool",
  "gcp:container/cluster:Cluster",
]);

/** What several stacks may have in common: making it once more changes nothing. */
const ADDITIVE = new Set(["gcp:projects/service:Service", "gcp:projects/iAMMember:IAMMember"]);

export function isAdditive(type: string): boolean {
  return ADDITIVE.has(type);
}

/** Inputs as the provider completes them: a name that is not set is the old one, or a new one. */
export function completed(
  type: string,
  logicalName: string,
  olds: WireObject,
  news: WireObject,
  seed: Uint8Array,
): WireObject {
  if (!AUTONAMED.has(type) || news.name !== undefined) return news;
  const end = createHash("sha256").update(seed).update(logicalName).digest("hex").slice(0, 7);
  return { ...news, name: textAt(olds, "name") ?? `${logicalName}-${end}` };
}

interface Made {
  readonly id: string;
  readonly outputs: WireObject;
}

/** What Google makes of plain inputs: the id, and what only it knows. */
export function made(type: string, inputs: WireObject): Made {
  const text = (key: string) => textAt(inputs, key) ?? "";
  const project = `projects/${text("project")}`;
  const linked = (id: string, more: WireObject = {}): Made => ({
    id,
    outputs: { selfLink: `https://www.googleapis.com/compute/v1/${id}`, ...more },
  });
  switch (type) {
    case "gcp:container/cluster:Cluster": {
      const id = `${project}/locations/${text("location")}/clusters/${text("name")}`;
      return linked(id, connection());
    }
    case "gcp:container/nodePool:NodePool":
      return { id: `${text("cluster")}/nodePools/${text("name")}`, outputs: { version: "1.33.5-gke.1" } };
    case "gcp:compute/network:Network":
      return linked(`${project}/global/networks/${text("name")}`, { gatewayIpv4: "" });
    case "gcp:compute/subnetwork:Subnetwork":
      return linked(`${project}/regions/${text("region")}/subnetworks/${text("name")}`, {
        gatewayAddress: "10.64.0.1",
      });
    case "gcp:compute/router:Router":
      return linked(`${project}/regions/${text("region")}/routers/${text("name")}`);
    case "gcp:compute/routerNat:RouterNat":
      return { id: `${text("project")}/${text("region")}/${text("router")}/${text("name")}`, outputs: {} };
    case "gcp:serviceaccount/account:Account": {
      const email = `${text("accountId")}@${text("project")}.iam.gserviceaccount.com`;
      const id = `${project}/serviceAccounts/${email}`;
      return { id, outputs: { email, member: `serviceAccount:${email}`, name: id, uniqueId: randomNumber() } };
    }
    case "gcp:projects/iAMMember:IAMMember":
      return { id: `${text("project")}/${text("role")}/${text("member")}`, outputs: { etag: randomNumber() } };
    case "gcp:projects/service:Service":
      return { id: `${text("project")}/${text("service")}`, outputs: {} };
    case "gcp:monitoring/dashboard:Dashboard":
      return { id: `projects/${PROJECT_NUMBER}/dashboards/${randomUUID()}`, outputs: {} };
    case "gcp:monitoring/alertPolicy:AlertPolicy": {
      const id = `${project}/alertPolicies/${randomNumber()}`;
      return { id, outputs: { name: id } };
    }
    default:
      throw new Error(`the stand-in for gcp does not know ${type}`);
  }
}

/** What a resource's first preview knows of it: everything but what only Google says. */
export function foreseen(type: string, inputs: WireObject): WireObject {
  const { outputs } = made(type, inputs);
  return { ...inputs, ...Object.fromEntries(Object.keys(outputs).map((key) => [key, UNKNOWN_SENTINEL])) };
}

/** Where a new control plane is, and who signs for it: another one each time. */
function connection(): WireObject {
  const octet = () => String(1 + Math.floor(Math.random() * 254));
  const clusterCaCertificate = Buffer.from(`authority ${randomUUID()}`).toString("base64");
  return {
    endpoint: `10.${octet()}.${octet()}.${octet()}`,
    masterAuth: { clusterCaCertificate, clientCertificate: "", clientKey: "" },
    masterVersion: "1.33.5-gke.1",
  };
}

function randomNumber(): string {
  return String(Math.floor(Math.random() * 1e15));
}
