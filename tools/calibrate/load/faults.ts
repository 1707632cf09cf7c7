import { errors } from "undici";
import { TGI } from "../../../catalog/tgi";

/**
 * Why a server cannot be put under load:
 *
 * - `address`: not the address of a server.
 * - `unreachable`: no such name, or nothing listens there.
 * - `not-ready`: something listens, but no model answers yet.
 * - `tls`: HTTP and HTTPS mixed up, or a certificate that nobody vouches for.
 * - `unauthorized`: HTTP 401 or 403.
 * - `redirected`: HTTP 3xx.
 * - `not-the-api`: another program, or another API than the one asked for.
 * - `model`: no such model there, or several and none chosen.
 * - `no-answer`: the trial request failed, so that every other would.
 * - `buffered-stream`: something on the way holds tokens back, so that no latency is the server's.
 * - `limits`: every planned request is longer than the server's limits.
 */
export type ServerFaultCode =
  | "address"
  | "unreachable"
  | "not-ready"
  | "tls"
  | "unauthorized"
  | "redirected"
  | "not-the-api"
  | "model"
  | "no-answer"
  | "buffered-stream"
  | "limits";

/** What a person has to mend before a load test can go on. The message says what was seen, the rule and the fix. */
export class ServerFault extends Error {
  override readonly name = "ServerFault";

  constructor(
    readonly code: ServerFaultCode,
    message: string,
  ) {
    super(message);
  }
}

/** How to reach one server of a stack, and nothing else. */
export const PORT_FORWARD = `kubectl port-forward deployment/${TGI.deploymentName} 8000:${TGI.port}`;

export function unauthorized(where: string, status: number): ServerFault {
  return new ServerFault(
    "unauthorized",
    `${where}: HTTP ${status}. The server must be reached without a login, or with one that it takes: go past the gateway (${PORT_FORWARD}), or pass a bearer token from an environment variable.`,
  );
}

export function redirected(where: string, status: number, location: string | undefined): ServerFault {
  return new ServerFault(
    "redirected",
    `${where}: HTTP ${status}, a redirect to ${location ?? "nowhere"}. Requests under load follow none, as it would count as latency: give the address that it leads to, or go past the gateway (${PORT_FORWARD}).`,
  );
}

/** Codes with which connecting fails because of TLS: for certificates, and OpenSSL's for a peer that speaks plain HTTP. */
const CERTIFICATE = /CERT|ISSUER|ALTNAME/;
const PLAIN_PEER = /^(?!.*ALERT)(ERR_SSL|EPROTO)/;
/** Codes with which nobody answers at an address: a server that loads its model behind a port-forward does. */
const NOBODY = /^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT)$/;
/** Codes with which a connection is closed that was made. */
const HUNG_UP = /^(ECONNRESET|EPIPE|UND_ERR_SOCKET)$/;

/** Whether no connection came to be: nothing listens there, or no way leads to it. */
export function isNobody(error: unknown): boolean {
  return NOBODY.test(errorCode(error) ?? "");
}

/** Whether the connection was made, and closed without an answer. */
export function isHungUp(error: unknown): boolean {
  return HUNG_UP.test(errorCode(error) ?? "");
}

/** HTTP was asked for where TLS answers. @param seen how that showed. */
export function notPlain(where: string, seen: string): ServerFault {
  return new ServerFault(
    "tls",
    `${where}: what answers there speaks TLS: write https:// in place of http:// (${seen}).`,
  );
}

/** What an error of a connection says, for a person: its code, unless its message has it. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Node tries several addresses of a name, and says what happened to each.
  if (error instanceof AggregateError && error.errors.length > 0) return describeError(error.errors[0]);
  const code = errorCode(error);
  return code === undefined || error.message.includes(code) ? error.message : `${error.message} (${code})`;
}

function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** A connection that failed for a reason that waiting does not mend; undefined where it may. */
export function lastingFault(where: string, error: unknown): ServerFault | undefined {
  const code = errorCode(error) ?? "";
  const seen = `${where}: ${describeError(error)}.`;
  if (code === "ENOTFOUND") {
    return new ServerFault(
      "unreachable",
      `${seen} The name must resolve on this machine; names of Services only do inside the cluster: ${PORT_FORWARD}, then http://localhost:8000.`,
    );
  }
  if (PLAIN_PEER.test(code)) {
    return new ServerFault(
      "tls",
      // Not OpenSSL's own line, which names a file of its source.
      `${where}: what answers there speaks plain HTTP: write http:// in place of https:// (${code}).`,
    );
  }
  if (CERTIFICATE.test(code)) {
    return new ServerFault(
      "tls",
      `${seen} The certificate must be one that Node.js trusts: name its authority in NODE_EXTRA_CA_CERTS, or go past it (${PORT_FORWARD}).`,
    );
  }
  if (error instanceof errors.HTTPParserError) {
    return new ServerFault(
      "tls",
      `${where}: what answers there does not speak plain HTTP: write https:// in place of http:// if it has TLS, or give another port (${describeError(error)}).`,
    );
  }
  return undefined;
}
