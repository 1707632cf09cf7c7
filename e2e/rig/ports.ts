import { randomInt } from "node:crypto";
import { createServer, type Server } from "node:net";
import { close, listen } from "../../standins/loopback";
import { atEnd } from "./run";

/**
 * Below the ports that Linux (32768) and macOS (49152) take for outgoing connections, of which a run makes thousands: one
 * of those would take a port between its being found free and its being used.
 */
const RANGE = { first: 15_000, end: 32_000 } as const;
/** Ports are drawn in blocks, whose first is the guard of the others. */
const BLOCK = 8;
const MOST_TRIES = 1000;

/**
 * Ports that nobody listens on, for the programs of a run. This process listens on the port before them until the run
 * ends: who else draws here, in any process of any run, leaves the block alone, and the system lifts the guard of a
 * process that is killed. A stranger may still take one before it is used: the program that cannot listen ends then,
 * and who waits for it hears why.
 */
export async function reservePorts(count: number): Promise<readonly number[]> {
  if (count >= BLOCK) throw new Error(`a block has ${BLOCK - 1} ports, not ${count}`);
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const first = RANGE.first + BLOCK * randomInt(Math.floor((RANGE.end - RANGE.first) / BLOCK));
    const guard = await listener(first);
    if (guard === undefined) continue;
    const ports = Array.from({ length: count }, (_, index) => first + 1 + index);
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) {
      atEnd(() => close(guard));
      return ports;
    }
    await close(guard);
  }
  throw new Error(`no ${count} ports in a row from ${RANGE.first} to ${RANGE.end} are free`);
}

/** Undefined where somebody else listens. */
async function listener(port: number): Promise<Server | undefined> {
  const server = createServer();
  try {
    await listen(server, port);
    return server;
  } catch {
    return undefined;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = await listener(port);
  if (server === undefined) return false;
  await close(server);
  return true;
}
