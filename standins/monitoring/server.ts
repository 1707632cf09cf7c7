import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { close, LOOPBACK, listen } from "../loopback";
import { InvalidArgument } from "./invalidArgument";
import type { SeriesStore } from "./store";
import { descriptorJson, listDescriptors, listTimeSeries, refuseOthers } from "./timeSeriesQuery";

/** The methods of the Cloud Monitoring API v3 that are played. */
export const METHODS = ["metricDescriptors.list", "metricDescriptors.get", "timeSeries.list"] as const;
export type Method = (typeof METHODS)[number];

/** What Cloud Monitoring does instead of answering as it should; a late answer may be a wrong one too. */
export interface Fault {
  /** Missing rights, or Google's own trouble. */
  readonly status?: 403 | 500;
  /** It answers as though nothing had ever been written. */
  readonly empty?: true;
  /** It answers this much later, in milliseconds of real time. */
  readonly delayMs?: number;
}

/** A request as it came, decoded. Several values of one parameter are joined by commas. */
export interface RecordedRequest {
  /** Undefined for a path that no method has. */
  readonly method: Method | undefined;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
}

interface Answer {
  readonly status: number;
  readonly body: object;
}

interface Call {
  readonly method: Method;
  readonly project: string;
  /** Of a descriptor that is asked for by name. */
  readonly type: string;
  readonly query: URLSearchParams;
}

/**
 * A stand-in for the Cloud Monitoring API v3, as far as the Custom Metrics Stackdriver Adapter uses it: plain HTTP on
 * this machine, for anybody. Errors are in Google's form: `{error: {code, message, status}}`.
 *
 * Sources: google/monitoring/v3/metric_service.proto and the adapter's recorded requests.
 */
export class MonitoringServer {
  /** Every request since the start, also those that were answered with an error. */
  readonly requests: RecordedRequest[] = [];
  private readonly faults = new Map<Method, Fault>();
  private readonly stopping = new AbortController();
  private readonly server = createServer((request, response) => void this.handle(request, response));

  constructor(private readonly store: SeriesStore) {}

  /** @returns the address of the API, ending in `/`, as the adapter's `--stackdriver-endpoint` wants it. */
  async start(): Promise<string> {
    return `http://${LOOPBACK}:${await listen(this.server)}/`;
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await close(this.server);
  }

  /** Has a method fail from now on, in the place of how it failed before. */
  fail(method: Method, fault: Fault): void {
    this.faults.set(method, fault);
  }

  /** Ends the fault of a method, or all of them. */
  heal(...methods: readonly Method[]): void {
    for (const method of methods.length === 0 ? METHODS : methods) this.faults.delete(method);
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://monitoring");
    const call = request.method === "GET" ? callOf(url) : undefined;
    const fault = call === undefined ? undefined : this.faults.get(call.method);
    this.requests.push({ method: call?.method, path: decoded(url.pathname), query: queryOf(url) });
    if (fault?.delayMs !== undefined) {
      const late = pause(fault.delayMs, true, { signal: this.stopping.signal }).catch(() => false);
      if (!(await late)) return;
    }
    const { status, body } = call === undefined ? nothingAt(url.pathname) : this.answer(call, fault);
    response.writeHead(status, { "Content-Type": "application/json; charset=UTF-8" }).end(JSON.stringify(body));
  }

  private answer(call: Call, fault: Fault | undefined): Answer {
    switch (fault?.status) {
      case 403:
        return failure(403, "PERMISSION_DENIED", `Permission monitoring.${call.method} denied.`);
      case 500:
        return failure(500, "INTERNAL", "Internal error encountered.");
    }
    try {
      return this.respond(call, fault?.empty === true);
    } catch (error) {
      if (error instanceof InvalidArgument) return failure(400, "INVALID_ARGUMENT", error.message);
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
      return failure(500, "INTERNAL", `the stand-in itself is broken: ${message}`);
    }
  }

  private respond({ method, project, type, query }: Call, empty: boolean): Answer {
    switch (method) {
      case "timeSeries.list": {
        const body = listTimeSeries(this.store, project, query);
        return { status: 200, body: empty ? {} : body };
      }
      case "metricDescriptors.list": {
        const body = listDescriptors(this.store, project, query);
        return { status: 200, body: empty ? {} : body };
      }
      case "metricDescriptors.get": {
        refuseOthers(query, []);
        const descriptor = empty ? undefined : this.store.descriptor(project, type);
        if (descriptor !== undefined) return { status: 200, body: descriptorJson(project, descriptor) };
        return failure(404, "NOT_FOUND", `Could not find descriptor for metric '${type}'.`);
      }
    }
  }
}

/** Which method a request calls; metric types contain slashes. */
function callOf({ pathname, searchParams: query }: URL): Call | undefined {
  const [, project = "", collection = "", type = ""] =
    /^\/v3\/projects\/([^/]+)\/(metricDescriptors|timeSeries)(?:\/(.+))?$/.exec(decoded(pathname)) ?? [];
  if (collection === "timeSeries") {
    return type === "" ? { method: "timeSeries.list", project, type, query } : undefined;
  }
  if (collection === "") return undefined;
  return { method: type === "" ? "metricDescriptors.list" : "metricDescriptors.get", project, type, query };
}

function queryOf({ searchParams }: URL): Readonly<Record<string, string>> {
  return Object.fromEntries([...searchParams.keys()].map((name) => [name, searchParams.getAll(name).join(",")]));
}

/** A path that is not valid percent-encoding is not found, as it stands. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function nothingAt(path: string): Answer {
  return failure(404, "NOT_FOUND", `there is no ${path}`);
}

function failure(code: number, status: string, message: string): Answer {
  return { status: code, body: { error: { code, message, status } } };
}
