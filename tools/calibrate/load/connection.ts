import { type Dispatcher, Pool } from "undici";
import { type Address, parseAddress } from "./address";
import { redirected, unauthorized } from "./faults";

/** The answer to a simple question. */
export interface Reply {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

const TIMEOUT_MS = 10_000;

/**
 * The way to one server: as many connections as there are streams, kept for the next ones. Nothing queues in it.
 *
 * @throws ServerFault when the address is none.
 */
export class Connection {
  /** The server's address, for messages. */
  readonly where: string;
  /** As in `http://localhost:8000`. */
  readonly origin: string;
  private readonly address: Address;
  private readonly pool: Pool;
  private readonly headers: Record<string, string>;

  constructor(url: string, bearer: string | undefined) {
    this.address = parseAddress(url);
    this.where = this.address.text;
    this.origin = this.address.origin;
    this.headers = bearer === undefined ? {} : { authorization: `Bearer ${bearer}` };
    this.pool = new Pool(this.address.origin, {
      connections: null,
      pipelining: 1,
      // A prompt may wait long in the queue, and nothing comes meanwhile: the stage's end is the bound, not a timer.
      headersTimeout: 0,
      bodyTimeout: 0,
      // The last part of a long prompt must not wait for the acknowledgement of the first.
      connect: { noDelay: true },
    });
  }

  /** Sends JSON. The handler hears of all that comes of it. */
  post(path: string, body: string, handler: Dispatcher.DispatchHandler): void {
    const headers = { ...this.headers, "content-type": "application/json", accept: "text/event-stream" };
    this.pool.dispatch({ path: this.address.prefix + path, method: "POST", headers, body }, handler);
  }

  /**
   * Asks for a document.
   *
   * @throws ServerFault for redirects and logins, whatever the document; undici's errors when no answer comes in time.
   */
  async get(path: string, timeoutMs = TIMEOUT_MS): Promise<Reply> {
    const { statusCode, headers, body } = await this.pool.request({
      path: this.address.prefix + path,
      method: "GET",
      headers: this.headers,
      ...{ headersTimeout: timeoutMs, bodyTimeout: timeoutMs },
    });
    const text = await body.text();
    if (statusCode === 401 || statusCode === 403) throw unauthorized(this.where, statusCode);
    if (statusCode >= 300 && statusCode < 400) {
      throw redirected(this.where, statusCode, headers.location?.toString());
    }
    return { status: statusCode, type: String(headers["content-type"] ?? ""), text };
  }

  /** Ends all connections, and what is still under way on them. */
  async close(): Promise<void> {
    await this.pool.destroy();
  }
}
