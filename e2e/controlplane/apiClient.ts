import { Agent, request } from "node:https";
import type { KubeConfig, KubernetesObject } from "@kubernetes/client-node";

/** An answer of the API server that is no success, with its Status message. */
export class ApiError extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

interface Answer {
  readonly text: string;
  readonly warnings: readonly string[];
}

interface ApiResource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

const FIELD_MANAGER = "stack";

export interface ApplyOptions {
  /** Takes fields away from who else owns them, instead of failing. */
  readonly force?: boolean;
}

/**
 * Applies objects as `kubectl apply --server-side --validate=strict` does, and as Pulumi's provider does: without force
 * unless it is told to (`PULUMI_K8S_ENABLE_PATCH_FORCE`, annotation `pulumi.com/patchForce`). The client library's own apply offers no
 * field validation, and drops the server's warnings.
 */
export class ApiClient {
  private readonly agent: Agent;
  private readonly server: URL;
  private readonly resources = new Map<string, Promise<readonly ApiResource[]>>();

  constructor(kubeConfig: KubeConfig) {
    const cluster = kubeConfig.getCurrentCluster();
    const user = kubeConfig.getCurrentUser();
    const pem = (base64: string | undefined) => Buffer.from(base64 ?? "", "base64");
    this.server = new URL(cluster?.server ?? "");
    this.agent = new Agent({
      keepAlive: true,
      ca: pem(cluster?.caData),
      cert: pem(user?.certData),
      key: pem(user?.keyData),
    });
  }

  close(): void {
    this.agent.destroy();
  }

  /** Creates or changes an object; returns the server's warnings. Unknown and doubled fields are errors. */
  async apply(object: KubernetesObject, { force = false }: ApplyOptions = {}): Promise<readonly string[]> {
    const path = `${await this.pathOf(object)}?fieldManager=${FIELD_MANAGER}&fieldValidation=Strict&force=${force}`;
    return (await this.call("PATCH", path, object, "application/apply-patch+yaml")).warnings;
  }

  /** Changes some fields of an object, as a person does with `kubectl`. */
  async patch(object: KubernetesObject, change: object, fieldManager: string): Promise<void> {
    const path = `${await this.pathOf(object)}?fieldManager=${fieldManager}`;
    await this.call("PATCH", path, change, "application/merge-patch+json");
  }

  async delete(object: KubernetesObject): Promise<void> {
    await this.call("DELETE", await this.pathOf(object), { propagationPolicy: "Background" });
  }

  /** Undefined when there is no such object. */
  async read<T extends KubernetesObject>(object: KubernetesObject): Promise<T | undefined> {
    try {
      return await this.get<T>(await this.pathOf(object));
    } catch (error) {
      if (error instanceof ApiError && error.code === 404) return undefined;
      throw error;
    }
  }

  async get<T>(path: string): Promise<T> {
    return JSON.parse(await this.text(path)) as T;
  }

  async text(path: string): Promise<string> {
    return (await this.call("GET", path)).text;
  }

  private async pathOf({ apiVersion = "", kind = "", metadata }: KubernetesObject): Promise<string> {
    const base = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const resource = (await this.resourcesOf(base)).find((it) => it.kind === kind && !it.name.includes("/"));
    if (resource === undefined) throw new ApiError(404, `the server has no ${kind} in ${apiVersion}`);
    const namespace = resource.namespaced ? `/namespaces/${metadata?.namespace ?? "default"}` : "";
    return `${base}${namespace}/${resource.name}/${encodeURIComponent(metadata?.name ?? "")}`;
  }

  private resourcesOf(base: string): Promise<readonly ApiResource[]> {
    const known =
      this.resources.get(base) ?? this.get<{ resources: ApiResource[] }>(base).then(({ resources }) => resources);
    this.resources.set(base, known);
    // A group that is not there yet may come.
    known.catch(() => this.resources.delete(base));
    return known;
  }

  private call(method: string, path: string, body?: unknown, contentType = "application/json"): Promise<Answer> {
    const payload = body === undefined ? undefined : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const sent = request(
        new URL(path, this.server),
        {
          method,
          agent: this.agent,
          headers:
            payload === undefined ? {} : { "Content-Type": contentType, "Content-Length": Buffer.byteLength(payload) },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("error", reject);
          response.on("end", () => {
            const text = Buffer.concat(chunks).toString("utf8");
            const code = response.statusCode ?? 0;
            if (code >= 300) return reject(new ApiError(code, `${method} ${path}: ${messageIn(text)}`));
            resolve({ text, warnings: [response.headers.warning ?? []].flat() });
          });
        },
      );
      sent.on("error", reject);
      sent.end(payload);
    });
  }
}

function messageIn(text: string): string {
  try {
    return String(JSON.parse(text).message ?? text);
  } catch {
    return text;
  }
}
