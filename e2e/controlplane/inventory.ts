import type { KubernetesListObject, KubernetesObject } from "@kubernetes/client-node";
import type { ApiClient } from "./apiClient";

interface ResourceList {
  readonly groupVersion: string;
  readonly resources: readonly { readonly name: string; readonly verbs: readonly string[] }[];
}

interface GroupList {
  readonly groups: readonly { readonly preferredVersion: { readonly groupVersion: string } }[];
}

/** What a cluster writes down of itself: events stay for an hour, and a node that has come for a pod stays. */
const RECORDS: readonly string[] = ["events", "leases", "nodes"];

/** All objects of a cluster, of every kind that it had when the inventory was made, and in every namespace. */
export class Inventory {
  private constructor(
    private readonly api: ApiClient,
    private readonly collections: readonly string[],
  ) {}

  static async of(api: ApiClient): Promise<Inventory> {
    const { groups } = await api.get<GroupList>("/apis");
    const bases = ["/api/v1", ...groups.map(({ preferredVersion }) => `/apis/${preferredVersion.groupVersion}`)];
    const lists = await Promise.all(
      bases.map(async (base) => {
        const { resources } = await api.get<ResourceList>(base);
        const listed = resources.filter(({ name, verbs }) => verbs.includes("list") && !RECORDS.includes(name));
        return listed.map(({ name }) => `${base}/${name}`);
      }),
    );
    return new Inventory(api, lists.flat());
  }

  /** As in `/apis/apps/v1/replicasets default/tgi-gemma-deployment-5d9`. */
  async names(): Promise<readonly string[]> {
    const lists = await Promise.all(
      this.collections.map(async (path) => {
        const { items } = await this.api.get<KubernetesListObject<KubernetesObject>>(path);
        return items.map(({ metadata }) => `${path} ${metadata?.namespace ?? ""}/${metadata?.name}`);
      }),
    );
    return lists.flat();
  }
}
