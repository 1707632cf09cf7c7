import {
  type Informer,
  type KubeConfig,
  type KubernetesListObject,
  type KubernetesObject,
  makeInformer,
  type ObjectCache,
} from "@kubernetes/client-node";
import type { ApiClient } from "./apiClient";

const AGAIN_MS = 100;

/** All objects of a kind as the API server last said: to look at them often costs it nothing. */
export class Watched<T extends KubernetesObject> {
  private readonly informer: Informer<T> & ObjectCache<T>;
  private stopped = false;
  private readonly seen = new Set<string>();

  /** @param path of the collection, over all namespaces. */
  constructor(kubeConfig: KubeConfig, api: ApiClient, path: string) {
    this.informer = makeInformer<T>(kubeConfig, path, () => api.get<KubernetesListObject<T>>(path));
    this.informer.on("add", ({ metadata }) => this.seen.add(`${metadata?.name} ${metadata?.uid}`));
    this.informer.on("error", () => {
      // A kind that is not there yet may come.
      setTimeout(() => {
        if (!this.stopped) void this.informer.start();
      }, AGAIN_MS);
    });
  }

  async start(): Promise<void> {
    await this.informer.start();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.informer.stop();
  }

  /** Has somebody hear of every state of every object: who looks now and then may miss one. */
  onState(listener: (object: T) => void): void {
    this.informer.on("add", listener);
    this.informer.on("update", listener);
  }

  all(): readonly T[] {
    return this.informer.list();
  }

  /** Every object that there ever was, by name and uid: one that came and went, or took another's place, is in it. */
  ever(): readonly string[] {
    return [...this.seen];
  }

  find(name: string, namespace: string): T | undefined {
    return this.informer.get(name, namespace);
  }
}
