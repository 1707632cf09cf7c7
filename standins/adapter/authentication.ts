import type { IncomingMessage } from "node:http";
import { TLSSocket } from "node:tls";
import { StatusError } from "./status";

/** For whom the API server asks. */
export interface Caller {
  readonly user: string;
  readonly groups: readonly string[];
}

/**
 * Believes the API server, and nobody else: it presents a certificate, and names its user in headers. Tokens, which
 * the real adapter has reviewed, are not played.
 *
 * Source: k8s.io/apiserver v0.35 `pkg/authentication/request/headerrequest`.
 *
 * @param names common names that are believed; none admits every certificate of the authority.
 * @throws StatusError 401 for anybody else.
 */
export function authenticate(request: IncomingMessage, names: readonly string[]): Caller {
  const { socket } = request;
  const unauthorized = new StatusError(401, "Unauthorized", "Unauthorized");
  if (!(socket instanceof TLSSocket) || !socket.authorized) throw unauthorized;
  const name: unknown = socket.getPeerCertificate().subject?.CN;
  if (names.length > 0 && !(typeof name === "string" && names.includes(name))) throw unauthorized;
  // Each group comes in a header of its own, which `headers` would glue together.
  const { "x-remote-user": users = [], "x-remote-group": groups = [] } = request.headersDistinct;
  const [user] = users;
  if (user === undefined || user === "") throw unauthorized;
  return { user, groups: groups.filter((group) => group !== "") };
}
