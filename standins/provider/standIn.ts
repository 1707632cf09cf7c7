import { setTimeout as wait } from "node:timers/promises";
import type { Cloud } from "./cloud";
import { InitFailed } from "./failure";
import { begin } from "./journal";
import { minutesOf } from "./latencies";
import type { ProviderPackage } from "./package";
import { type Fault, type Operation, readSettings, takeFault } from "./settings";
import { nameOfUrn, plain, typeOfUrn, type WireObject } from "./wire";

export interface Stored {
  readonly id: string;
  readonly properties: WireObject;
  readonly inputs: WireObject;
}

/** The four operations of a provider on a cloud that is a folder. */
export class StandIn {
  constructor(
    private readonly folder: string,
    private readonly cloud: Cloud,
    private readonly provider: ProviderPackage,
  ) {}

  /** As Google and Kubernetes do it: the object exists from the beginning, and takes its time to come to life. */
  create(urn: string, inputs: WireObject, timeoutSeconds: number): Promise<Stored> {
    return this.operate("create", urn, inputs, async (type, fault) => {
      this.provider.connect();
      const object = this.provider.make(type, plain(inputs));
      if (fault?.how === "refused") throw new Error(`${nameOfUrn(urn)} was refused, as the test wanted`);
      const existing = this.cloud.find(object);
      if (existing === undefined) this.cloud.put(object);
      else if (!this.provider.takesOver(type)) throw new Error(`${object.id} already exists`);
      // Applying to what differs is a conflict with who made it, value by value: more than is played here.
      else if (!isSame(existing.inputs, object.inputs)) throw new Error(`${object.id} exists, and is not the same`);
      const kept = existing ?? object;
      const stored = { id: kept.id, inputs, properties: { ...inputs, ...this.withInputs(kept.outputs, inputs) } };
      await this.live("create", urn, fault, timeoutSeconds, stored);
      return stored;
    });
  }

  update(urn: string, id: string, olds: WireObject, news: WireObject, timeoutSeconds: number): Promise<WireObject> {
    return this.operate("update", urn, news, async (type, fault) => {
      this.provider.connect();
      if (fault?.how === "refused") throw new Error(`${nameOfUrn(urn)} was refused, as the test wanted`);
      const object = this.cloud.find(this.provider.keyOf(type, id));
      if (object === undefined) throw new Error(`${id} was not found`);
      this.cloud.put({ ...object, inputs: plain(news) });
      const properties = this.updated(olds, news);
      await this.live("update", urn, fault, timeoutSeconds, { id, properties, inputs: news });
      return properties;
    });
  }

  /** Properties after an update: what only the cloud knows stays. */
  updated(olds: WireObject, news: WireObject): WireObject {
    return {
      ...olds,
      ...news,
      ...this.withInputs(olds.metadata === undefined ? {} : { metadata: olds.metadata }, news),
    };
  }

  read(urn: string, id: string, inputs: WireObject, properties: WireObject): Promise<Stored | undefined> {
    return this.operate("read", urn, inputs, async (type) => {
      if (this.provider.isGone()) return undefined;
      this.provider.connect();
      const object = this.cloud.find(this.provider.keyOf(type, id));
      if (object === undefined) return undefined;
      const same = isSame(object.inputs, plain(inputs));
      // Marks of secrecy are the program's: what has not changed keeps them.
      return same
        ? { id, inputs, properties }
        : { id, inputs: object.inputs, properties: { ...properties, ...object.inputs } };
    });
  }

  delete(urn: string, id: string, inputs: WireObject): Promise<void> {
    return this.operate("delete", urn, inputs, async (type, fault) => {
      if (fault !== undefined) throw new Error(`${nameOfUrn(urn)} stays, as the test wanted`);
      if (this.provider.isGone()) return;
      this.provider.connect();
      const object = this.cloud.find(this.provider.keyOf(type, id));
      await this.pass("delete", urn);
      if (object !== undefined) this.provider.remove(object);
    });
  }

  /** Takes the time that the operation takes, or fails as it was told to. */
  private async live(
    operation: Operation,
    urn: string,
    fault: Fault | undefined,
    timeoutSeconds: number,
    stored: Stored,
  ): Promise<void> {
    const fail = (message: string) => {
      throw new InitFailed(message, stored.id, stored.properties, stored.inputs);
    };
    if (fault?.how === "half-way") fail(`${nameOfUrn(urn)} exists and failed, as the test wanted`);
    if (fault?.how === "never-ready") {
      await wait((timeoutSeconds / 60) * readSettings(this.folder).msPerMinute);
      fail(`${nameOfUrn(urn)}: timed out after ${timeoutSeconds / 60} minutes`);
    }
    await this.pass(operation, urn);
  }

  private async pass(operation: Operation, urn: string): Promise<void> {
    const minutes = minutesOf(operation, typeOfUrn(urn), nameOfUrn(urn));
    const { msPerMinute } = readSettings(this.folder);
    if (msPerMinute > 0) await wait(minutes * msPerMinute);
  }

  private async operate<T>(
    operation: Operation,
    urn: string,
    inputs: WireObject,
    run: (type: string, fault: Fault | undefined) => Promise<T>,
  ): Promise<T> {
    const name = nameOfUrn(urn);
    const end = begin(this.folder, operation, urn, name, plain(inputs));
    try {
      const result = await run(typeOfUrn(urn), takeFault(this.folder, operation, name));
      end();
      return result;
    } catch (error) {
      end(error instanceof Error ? error.message : String(error));
      throw error;
    }
  }

  /** Outputs whose names inputs have too keep what the program said, with its marks of secrecy. */
  private withInputs(outputs: WireObject, inputs: WireObject): WireObject {
    const { metadata } = outputs;
    if (metadata === undefined) return outputs;
    return { ...outputs, metadata: { ...(metadata as WireObject), ...(inputs.metadata as WireObject) } };
  }
}

function isSame(one: WireObject, other: WireObject): boolean {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, part]) => [key, sorted(part)]),
  );
}
