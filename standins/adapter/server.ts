import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import { close, listen } from "../loopback";
import { authenticate, type Caller } from "./authentication";
import {
  API_GROUPS,
  type ApiGroup,
  CUSTOM,
  type EXTERNAL,
  externalMetricValueList,
  groupDocument,
  groupList,
  metricValueList,
  resourceList,
} from "./documents";
import { MetricProvider, type ProviderOptions } from "./provider";
import { parseSelector, type Requirement, SelectorError } from "./selector";
import { badRequest, notFound, StatusError, statusOf } from "./status";

/** Who asks for what, for the authorizer: what the real adapter puts into a SubjectAccessReview. */
export interface Access extends Caller {
  /** External metrics are listed, those of pods are got. */
  readonly verb: "get" | "list";
  readonly group: string;
  readonly version: string;
  readonly namespace: string;
  /** `pods/METRIC`, resource and subresource, or an External metric; with `|`, as it was asked for. */
  readonly resource: string;
  /** `*` for all pods, empty for an External metric. */
  readonly name: string;
}

export interface AdapterOptions extends ProviderOptions {
  /** On this machine; 0, or nothing, for any free one. */
  readonly port?: number;
  /** PEM; the adapter signs its own, which clients do not check. */
  readonly certificate: string;
  readonly key: string;
  /** PEM. Who may speak for others: a client with a certificate of this authority and one of these names. */
  readonly requestHeaderAuthority: string;
  /** Common names; none of them admits every certificate of the authority. */
  readonly requestHeaderNames: readonly string[];
  /**
   * Names of the pods that a label selector selects, whatever state they are in: the adapter looks at nothing else.
   * A `StatusError` that it throws is passed on.
   */
  readonly pods: (namespace: string, labelSelector: string) => Promise<readonly string[]>;
  readonly allowed: (access: Access) => Promise<boolean>;
}

/** What kubelet asks, without saying who it is. */
const HEALTH_PATHS: readonly string[] = ["/healthz", "/livez", "/readyz"];

interface Request {
  readonly caller: Caller;
  readonly group: ApiGroup;
  readonly version: string;
  /** What follows the version in the path. */
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
}

/**
 * A stand-in for the Custom Metrics Stackdriver Adapter v0.16.9, with new resource model and fallback to containers:
 * an aggregated API server that asks Cloud Monitoring. Answers are JSON, also to clients that would rather have
 * Protobuf. Metrics of single pods and of nodes, and the cache, are not played.
 *
 * Sources: GoogleCloudPlatform/k8s-stackdriver, kubernetes-sigs/custom-metrics-apiserver v1.35, recorded requests.
 */
export class AdapterServer {
  private readonly server: Server;
  private readonly provider: MetricProvider;
  /** The one metric that discovery names. */
  private metric: string | undefined;

  constructor(private readonly options: AdapterOptions) {
    const { certificate, key, requestHeaderAuthority } = options;
    this.provider = new MetricProvider(options);
    this.server = createServer(
      // Strangers are let in to be told that they are: 401.
      { cert: certificate, key, ca: requestHeaderAuthority, requestCert: true, rejectUnauthorized: false },
      (request, response) => void this.handle(request, response),
    );
  }

  /**
   * @returns the port on which it listens.
   * @throws when Cloud Monitoring refuses to list metrics: the adapter ends then.
   */
  async start(): Promise<number> {
    this.metric = await this.provider.start();
    return listen(this.server, this.options.port);
  }

  async stop(): Promise<void> {
    await close(this.server);
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const send = (code: number, type: string, text: string) =>
      response.writeHead(code, { "Content-Type": type }).end(text);
    try {
      const url = new URL(request.url ?? "/", "https://adapter");
      if (HEALTH_PATHS.includes(url.pathname)) return void send(200, "text/plain; charset=utf-8", "ok");
      send(200, "application/json", JSON.stringify(await this.respond(request, url)));
    } catch (error) {
      const { code, body } = statusOf(error);
      // Node drops a connection whose certificate did not verify, in the middle of a later request.
      if (code === 401) response.setHeader("Connection", "close");
      send(code, "application/json", JSON.stringify(body));
    }
  }

  private async respond(request: IncomingMessage, url: URL): Promise<object> {
    const caller = authenticate(request, this.options.requestHeaderNames);
    if (request.method !== "GET") {
      throw new StatusError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
    }
    const [root, group = "", version = "", ...parts] = decoded(url.pathname).split("/").slice(1);
    if (root !== "apis") throw nothingThere();
    if (group === "") return groupList();
    if (!isGroup(group)) throw nothingThere();
    if (version === "") return groupDocument(group);
    if (!API_GROUPS[group].some((one) => one === version)) throw nothingThere();
    if (parts.length === 0) return resourceList(group, version, this.metric);
    const asked = { caller, group, version, parts, query: url.searchParams };
    return group === CUSTOM ? this.podsMetric(asked) : this.externalMetric(asked);
  }

  private async podsMetric({ caller, group, version, parts, query }: Request): Promise<object> {
    const [scope, namespace = "", resource, name = "", metric = "", ...rest] = parts;
    if (scope !== "namespaces" || metric === "" || rest.length > 0) throw nothingThere();
    if (resource !== "pods" || name !== "*") {
      // The real one answers for single pods, too; only HPAs on Object metrics ask for them.
      throw new StatusError(501, "BadRequest", `Operation: "${parts.join("/")}" is not played by the stand-in`);
    }
    await this.authorize({ ...caller, verb: "get", group, version, namespace, resource: `pods/${metric}`, name });
    const metricSelector = selectorOf(query, "metricLabelSelector");
    // What is no selector is refused here, without a word to the API server; the text itself is for that one to read.
    selectorOf(query, "labelSelector");
    const pods = await this.options.pods(namespace, query.get("labelSelector") ?? "");
    const values = await this.provider.pods(metric, { namespace, pods, metricSelector });
    return metricValueList({ version, namespace, name: metric, metricSelector, now: this.provider.now() }, values);
  }

  private async externalMetric({ caller, group, version, parts, query }: Request): Promise<object> {
    const [scope, namespace = "", metric = "", ...rest] = parts;
    if (scope !== "namespaces" || metric === "" || rest.length > 0) throw nothingThere();
    await this.authorize({ ...caller, verb: "list", group, version, namespace, resource: metric, name: "" });
    return externalMetricValueList(metric, await this.provider.external(metric, selectorOf(query, "labelSelector")));
  }

  private async authorize(access: Access): Promise<void> {
    if (await this.options.allowed(access)) return;
    const { user, verb, resource, group, namespace, name } = access;
    const subject = `${resource.split("/")[0]}.${group}${name === "" ? "" : ` "${name}"`}`;
    const what = `${verb} resource "${resource}" in API group "${group}" in the namespace "${namespace}"`;
    throw new StatusError(403, "Forbidden", `${subject} is forbidden: User "${user}" cannot ${what}`);
  }
}

function isGroup(name: string): name is typeof CUSTOM | typeof EXTERNAL {
  return Object.hasOwn(API_GROUPS, name);
}

function selectorOf(query: URLSearchParams, parameter: string): readonly Requirement[] {
  try {
    return parseSelector(query.get(parameter) ?? "");
  } catch (error) {
    if (error instanceof SelectorError) throw badRequest(error.message);
    throw error;
  }
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw badRequest(`${path} is no valid path`);
  }
}

function nothingThere(): StatusError {
  return notFound("the server could not find the requested resource");
}
