import { LIMITS } from "../../catalog/gke";
import { isCidr } from "../cidr";
import { creationOnly, key, resourceName, ZONE_FORM } from "../key";
import { flag, oneOf, structured, text, wholeNumber } from "../read";

const LOCATION_FORM = /^[a-z]+-[a-z]+\d+(-[a-z])?$/;
const PROJECT_FORM = /^([a-z0-9.-]+\.[a-z]+:)?[a-z][-a-z0-9]{4,28}[a-z0-9]$/;
const PROJECT_RULE = "a project id: 6 to 30 lower-case letters, digits and hyphens, beginning with a letter";

/** A network or subnetwork: its name, or its path (`projects/…/…`) when it has to be named in full. */
const networkName = (example: string) =>
  text(
    /^(projects\/[a-z0-9.:-]+\/[a-z0-9/-]+\/)?[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/,
    "a name or its path: at most 63 lower-case letters, digits and hyphens, beginning with a letter",
    example,
  );

/** Project, place, network and cluster. */
export const clusterKeys = {
  "gcp:project": key(text(PROJECT_FORM, PROJECT_RULE, "my-project"), "required", "Google Cloud project to deploy into"),
  "gcp:region": key(
    text(/^[a-z]+-[a-z]+\d+$/, "a region such as us-central1", "us-central1"),
    "–",
    "the provider's region; the location when `location` and `gcp:zone` are not set",
  ),
  "gcp:zone": key(
    text(ZONE_FORM, "a zone such as us-central1-a", "us-central1-a"),
    "–",
    "the provider's zone; the location when `location` is not set",
  ),
  location: key(
    text(LOCATION_FORM, "a region (us-central1) or a zone (us-central1-a)", "us-central1"),
    "`gcp:zone`, else `gcp:region`",
    "where the cluster lives; a region has a regional control plane. One of the three is required",
  ),
  cluster: key(
    oneOf(["create", "existing"]),
    "`create`",
    "`existing`: use `clusterName` in `location`, create only the GPU pool and the workload",
  ),
  clusterName: key(
    text(
      /^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/,
      `a cluster name: at most ${LIMITS.clusterNameLength} lower-case letters, digits and hyphens, beginning with a letter`,
      "llm-dev",
    ),
    "`llm-<stack>`",
    "physical name of the cluster; metric filters depend on it, so it is pinned, and changing it replaces the cluster",
  ),
  network: key(
    networkName("my-vpc"),
    "created",
    "existing VPC; needs `subnetwork`, `podsRange` and `servicesRange` too",
    creationOnly,
  ),
  subnetwork: key(
    networkName("my-subnet"),
    "created",
    "existing subnet in the region, with Private Google Access",
    creationOnly,
  ),
  podsRange: key(resourceName("pods"), "created", "secondary range of the subnet for pods", creationOnly),
  servicesRange: key(resourceName("services"), "created", "secondary range of the subnet for services", creationOnly),
  networkProject: key(
    text(PROJECT_FORM, PROJECT_RULE, "my-host-project"),
    "`gcp:project`",
    "host project of a Shared VPC that `network` and `subnetwork` belong to",
    creationOnly,
  ),
  privateNodes: key(
    flag(),
    "`true`",
    "nodes without public addresses; they reach the internet through NAT, which bills every weight download",
    creationOnly,
  ),
  nodeServiceAccount: key(
    text(
      /^[a-z][-a-z0-9]{4,28}[a-z0-9]@[a-z0-9.-]+\.iam\.gserviceaccount\.com$/,
      "the e-mail address of a service account",
      "gke-nodes@my-project.iam.gserviceaccount.com",
    ),
    "created",
    "existing service account of the nodes; needs `roles/container.defaultNodeServiceAccount`",
  ),
  systemMachineType: key(
    text(/^[a-z0-9]+-[a-z0-9-]+$/, "a machine type such as e2-standard-2", "e2-standard-2"),
    "`e2-standard-2`",
    "machine type of the pool for adapter, exporters and managed Prometheus",
    creationOnly,
  ),
  systemNodes: key(
    wholeNumber(1, 30),
    "2",
    "nodes of that pool, in all; spread over as many of the GPU zones as divide it",
    creationOnly,
  ),
  authorizedNetworks: key(
    structured(
      (z) => z.array(z.string().refine(isCidr, "must be an IPv4 range such as 203.0.113.0/24")),
      "list of CIDRs",
      "a list of IPv4 ranges",
      '["203.0.113.0/24"]',
    ),
    "none",
    "ranges that may reach the public control-plane endpoint; none = reachable from anywhere, guarded by IAM",
    creationOnly,
  ),
  releaseChannel: key(
    oneOf(["RAPID", "REGULAR", "STABLE"]),
    "`REGULAR`",
    "GKE release channel of the cluster",
    creationOnly,
  ),
  deletionProtection: key(
    flag(),
    "`true`",
    "protects the cluster twice: Pulumi's `protect` and GKE's own flag",
    creationOnly,
  ),
} as const;
