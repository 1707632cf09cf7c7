import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { WireObject } from "./wire";

/** Something that exists: in the cloud, or in a cluster of it. */
export interface CloudObject {
  readonly type: string;
  readonly id: string;
  /** Endpoint of the cluster that holds it; empty for what is Google's own. */
  readonly cluster: string;
  /** As the cloud received it, without marks of secrecy. */
  readonly inputs: WireObject;
  readonly outputs: WireObject;
}

type Key = Pick<CloudObject, "type" | "id" | "cluster">;

const FOLDER = "cloud";

/** The cloud of a run: a folder with a file for each object, which stand-ins and tests share. */
export class Cloud {
  private readonly folder: string;

  constructor(runFolder: string) {
    this.folder = join(runFolder, FOLDER);
  }

  /** The run makes it, and no stand-in does: one that comes late must not bring back what is being removed. */
  static make(runFolder: string): Cloud {
    mkdirSync(join(runFolder, FOLDER));
    return new Cloud(runFolder);
  }

  find(key: Key): CloudObject | undefined {
    return objectIn(this.pathOf(key));
  }

  all(): readonly CloudObject[] {
    return readdirSync(this.folder)
      .filter((name) => name.endsWith(".json"))
      .map((name) => objectIn(join(this.folder, name)))
      .filter((object) => object !== undefined);
  }

  put(object: CloudObject): void {
    const path = this.pathOf(object);
    // A reader sees the old object or the new one, never a part of it.
    writeFileSync(`${path}.new`, JSON.stringify(object));
    renameSync(`${path}.new`, path);
  }

  remove(key: Key): void {
    rmSync(this.pathOf(key), { force: true });
  }

  private pathOf({ type, id, cluster }: Key): string {
    const hash = createHash("sha256").update(JSON.stringify([type, id, cluster]));
    return join(this.folder, `${hash.digest("hex").slice(0, 32)}.json`);
  }
}

/** Undefined without the file: another stand-in may remove it at any moment. */
function objectIn(path: string): CloudObject | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

export const CLUSTER_TYPE = "gcp:container/cluster:Cluster";
const POOL_TYPE = "gcp:container/nodePool:NodePool";

/** Deletes a cluster as Google does: its pools and everything in it go along. */
export function removeCluster(cloud: Cloud, cluster: CloudObject): void {
  for (const object of cloud.all()) {
    const inside = object.cluster !== "" && object.cluster === cluster.outputs.endpoint;
    const pool = object.type === POOL_TYPE && object.id.startsWith(`${cluster.id}/`);
    if (inside || pool) cloud.remove(object);
  }
  cloud.remove(cluster);
}

/** The cluster that answers at an endpoint. */
export function clusterAt(cloud: Cloud, endpoint: string): CloudObject | undefined {
  return cloud.all().find(({ type, outputs }) => type === CLUSTER_TYPE && outputs.endpoint === endpoint);
}
