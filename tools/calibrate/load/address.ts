import { PORT_FORWARD, ServerFault } from "./faults";

/** Where a server is. */
export interface Address {
  /** As in `http://localhost:8000`. */
  readonly origin: string;
  /** What stands before every path, without a slash at its end; mostly nothing. */
  readonly prefix: string;
  /** The address as messages name it. */
  readonly text: string;
}

/**
 * Reads the address of a server: `http://host:port`, with a path where a gateway has put the server below one. A
 * `/v1` at its end, as clients of OpenAI's API have it, is not part of it.
 *
 * @throws ServerFault for everything else.
 */
export function parseAddress(text: string): Address {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw new ServerFault(
      "address",
      `${JSON.stringify(text)}: not an address. It must be http:// or https://, a host and a port, such as http://localhost:8000 after ${PORT_FORWARD}.`,
    );
  }
  const unwanted = [
    ...(url.username !== "" || url.password !== "" ? ["a user"] : []),
    ...(url.search !== "" ? ["a query"] : []),
    ...(url.hash !== "" ? ["a fragment"] : []),
  ];
  if (unwanted.length > 0) {
    throw new ServerFault(
      "address",
      // Not the text: a password may be in it.
      `${url.origin}: the address has ${unwanted.join(" and ")}. It must be the server's only: leave that out, and pass a bearer token from an environment variable where one is needed.`,
    );
  }
  const prefix = url.pathname.replace(/\/+$/, "").replace(/\/v1$/, "");
  return { origin: url.origin, prefix, text: `${url.origin}${prefix}` };
}
