import { createServer } from "node:net";
import { close, listen } from "../../standins/loopback";

/**
 * Ports that nobody listens on now, all different. Somebody may take one before it is used: a program that cannot
 * listen ends, and its starter says so.
 */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(servers.map((server) => listen(server)));
  await Promise.all(servers.map(close));
  return ports;
}
