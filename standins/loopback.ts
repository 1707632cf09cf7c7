import type { Server } from "node:net";

/** The only address that stand-ins and runs listen on. */
export const LOOPBACK = "127.0.0.1";

/**
 * Has a server listen on this machine.
 *
 * @param port 0 for any free one.
 * @returns the port on which it listens.
 * @throws when the port is taken.
 */
export async function listen(server: Server, port = 0): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, LOOPBACK, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has an address with a port");
  return address.port;
}

/** Ends a server and every connection to it. One that never listened has nothing to end. */
export async function close(server: Server & { closeAllConnections?(): void }): Promise<void> {
  server.closeAllConnections?.();
  await new Promise((resolve) => server.close(resolve));
}
