import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { close, LOOPBACK, listen } from "../loopback";

/** The machine that a program believes to run on. */
export interface MetadataOptions {
  readonly project: string;
  readonly cluster: string;
  /** Region or zone of the cluster. */
  readonly location: string;
  /** Google's number of the project, which full names of zones contain. */
  readonly projectNumber?: number;
  readonly hostname?: string;
}

const FLAVOR = { "Metadata-Flavor": "Google" } as const;
const ROOT = "/computeMetadata/v1/";
const TOKEN_SECONDS = 3600;

/**
 * A stand-in for the metadata server of Compute Engine, as far as the adapter's own binary asks it: where it runs, and
 * a token, which is good for nothing. A client finds it through `GCE_METADATA_HOST=host:port`.
 *
 * Sources: Google's "About VM metadata", cloud.google.com/go/compute/metadata v0.9.0.
 */
export class MetadataServer {
  /** Paths that were asked for, below `/computeMetadata/v1/`. */
  readonly requests: string[] = [];
  private readonly server = createServer((request, response) => this.handle(request, response));
  private readonly values: ReadonlyMap<string, string>;

  constructor({ project, cluster, location, projectNumber = 123456789012, hostname }: MetadataOptions) {
    const zone = /-[a-z]$/.test(location) ? location : `${location}-a`;
    const account = "instance/service-accounts/default";
    const token = { access_token: "stand-in", expires_in: TOKEN_SECONDS, token_type: "Bearer" };
    this.values = new Map([
      ["project/project-id", project],
      ["project/numeric-project-id", String(projectNumber)],
      ["instance/attributes/cluster-name", cluster],
      ["instance/attributes/cluster-location", location],
      ["instance/hostname", hostname ?? `gke-${cluster}-node.${zone}.c.${project}.internal`],
      ["instance/zone", `projects/${projectNumber}/zones/${zone}`],
      [`${account}/email`, `${project}.svc.id.goog`],
      [`${account}/scopes`, "https://www.googleapis.com/auth/cloud-platform\n"],
      [`${account}/token`, JSON.stringify(token)],
      ["universe/universe-domain", "googleapis.com"],
    ]);
  }

  /** @returns `host:port`, the form that `GCE_METADATA_HOST` has. */
  async start(): Promise<string> {
    return `${LOOPBACK}:${await listen(this.server)}`;
  }

  async stop(): Promise<void> {
    await close(this.server);
  }

  private handle({ url = "/", headers }: IncomingMessage, response: ServerResponse): void {
    const { pathname } = new URL(url, "http://metadata");
    const send = (status: number, type: string, text: string) =>
      response.writeHead(status, { ...FLAVOR, "Content-Type": type }).end(text);
    // Clients ask for the root without the header, to learn from the answer's that they run at Google.
    if (pathname === "/") return void send(200, "application/text", "computeMetadata/\n");
    const path = pathname.startsWith(ROOT) ? pathname.slice(ROOT.length) : undefined;
    if (path !== undefined) this.requests.push(path);
    // The header keeps out requests that a browser was tricked into.
    if (headers["metadata-flavor"] !== FLAVOR["Metadata-Flavor"]) {
      return void send(403, "text/plain", "Missing Metadata-Flavor:Google header.");
    }
    const value = path === undefined ? undefined : this.values.get(path);
    if (value === undefined) return void send(404, "text/plain", "not found");
    send(200, value.startsWith("{") ? "application/json" : "application/text", value);
  }
}
