import type { ServerRequest } from "../server/request";

/** A request of the simulated traffic. */
export interface Request extends ServerRequest {
  /** When the client sent it, in seconds. */
  readonly at: number;
}
