import { randomInt } from "node:crypto";
import { createServer } from "node:net";
import { close, listen } from "../../standins/loopback";

/**
 * Below the ports that Linux (32768) and macOS (49152) take for outgoing connections, of which a run makes thousands: one
 * of those would take a port between its being found free and its being used.
 */
const RANGE = { first: 15_000, end: 32_000 } as const;
const MOST_TRIES = 1000;

/**
 * Ports that nobody listens on now, all different. Somebody may take one before it is used: a program that cannot
 * listen ends, and its starter says so.
 */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports = new Set<number>();
  for (let tries = 0; ports.size < count; tries += 1) {
    if (tries === MOST_TRIES) throw new Error(`no ${count} ports from ${RANGE.first} to ${RANGE.end} are free`);
    const port = randomInt(RANGE.first, RANGE.end);
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await listen(server, port);
  } catch {
    return false;
  }
  await close(server);
  return true;
}
