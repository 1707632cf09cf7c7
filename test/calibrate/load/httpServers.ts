import type { Outcome } from "../../../tools/calibrate/contract";
import { type HttpServer, type HttpServerOptions, httpServer } from "../../../tools/calibrate/load/httpServer";
import { always, closed, Enough, type Handler, Loopback, UNKNOWN } from "./support";

export const LENGTHS = { inputTokens: 500, outputTokens: 4 };

/** Servers of a test as the load generator sees them, ended after it. */
export class HttpServers {
  readonly loopback = new Loopback();
  private readonly servers: HttpServer[] = [];

  async serve(handler: Handler, options: Partial<HttpServerOptions> = {}): Promise<HttpServer> {
    const url = await this.loopback.serve(handler);
    const server = httpServer({ url, api: "tgi", info: UNKNOWN, promptSeed: 1, ...options });
    this.servers.push(server);
    return server;
  }

  async end(): Promise<void> {
    await Promise.all(this.servers.splice(0).map((server) => server.close()));
    await this.loopback.end();
  }
}

/** The first outcomes of a closed loop. */
export async function first(
  requests: number,
  server: HttpServer,
  concurrency = 1,
  lengths = always(LENGTHS),
): Promise<readonly Outcome[]> {
  const enough = new Enough(requests);
  return enough.of(server.run(closed(concurrency), lengths, enough, enough.signal));
}
