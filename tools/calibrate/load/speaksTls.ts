import { connect } from "node:tls";

/** Longer than a handshake takes over an ocean; what is silent for longer is no TLS server that one could use. */
const PATIENCE_MS = 3000;
/** OpenSSL's codes for a peer that refuses the handshake in TLS's own words. */
const ALERT = /ALERT/;

/**
 * Whether TLS answers at an address. It tells a server that hangs up on plain HTTP from one that is not ready, which
 * look alike from outside. Nothing is sent but a greeting, so that the certificate does not matter.
 *
 * @param origin as in `http://localhost:8443`.
 */
export function speaksTls(origin: string): Promise<boolean> {
  const { hostname, port } = new URL(origin);
  // Brackets are the URL's, not the address's.
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port || 80), rejectUnauthorized: false });
    const conclude = (so: boolean) => {
      socket.destroy();
      resolve(so);
    };
    socket.setTimeout(PATIENCE_MS, () => conclude(false));
    socket.once("secureConnect", () => conclude(true));
    socket.once("error", (error: NodeJS.ErrnoException) => conclude(ALERT.test(error.code ?? "")));
    socket.once("close", () => conclude(false));
  });
}
