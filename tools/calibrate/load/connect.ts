import type { ServerInfo } from "../contract";
import { type Clock, SYSTEM_CLOCK } from "./clock";
import { Connection } from "./connection";
import { describeError, isHungUp, isNobody, lastingFault, notPlain, PORT_FORWARD, ServerFault } from "./faults";
import { type HttpServer, type HttpServerOptions, senderOver, serverOver } from "./httpServer";
import { type Identity, identify, NotReady } from "./identify";
import { hasTgiMetrics } from "./metricsText";
import { speaksTls } from "./speaksTls";
import { tryOut } from "./tryOut";

export interface ConnectOptions extends Omit<HttpServerOptions, "info"> {
  /** Seconds to wait for a server that has not loaded its model, or hangs up as a port-forward to it does; unless given, 60. */
  readonly waitSeconds?: number | undefined;
  /** Seconds to wait while nothing listens there at all; unless given, 30. Never more than `waitSeconds`. */
  readonly listenSeconds?: number | undefined;
  /** Hears why it waits, and for how long it will, each time that the reason is another one. */
  readonly waiting?: ((message: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

const WAIT_SECONDS = 60;
/** Long enough for a port-forward to be started in another terminal. */
const LISTEN_SECONDS = 30;
const LOOK_EVERY_SECONDS = 1;

/**
 * Finds out what answers at an address, waits until it serves, and has it answer a few requests: whatever would spoil
 * every request of a load test comes to light here.
 *
 * @throws ServerFault with what was seen, the rule and the fix; the signal's reason, when it is aborted.
 */
export async function connect(options: ConnectOptions): Promise<HttpServer> {
  const { url, api, bearer, signal, clock = SYSTEM_CLOCK } = options;
  const connection = new Connection(url, bearer);
  // What is being asked then fails at once.
  const abort = () => void connection.close();
  signal?.addEventListener("abort", abort, { once: true });
  try {
    const { info: found, modelId } = await patiently(connection, options, clock);
    const withoutMetrics: ServerInfo = { ...found, hasMetrics: false };
    const sender = senderOver(connection, { ...options, api, modelId, info: withoutMetrics });
    await tryOut(sender, connection.where, found, clock, signal);
    // Not before: TGI has most of its metrics from the first request on.
    const info: ServerInfo = { ...found, hasMetrics: await hasMetrics(connection) };
    signal?.throwIfAborted();
    return serverOver(connection, sender, { ...options, info });
  } catch (error) {
    await connection.close();
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

/** Asks what a server is until it is ready, or time is up. */
async function patiently(connection: Connection, options: ConnectOptions, clock: Clock): Promise<Identity> {
  const { api, modelId, waiting, signal, waitSeconds = WAIT_SECONDS, listenSeconds = LISTEN_SECONDS } = options;
  const until = clock.now() + waitSeconds;
  let answeredAt = clock.now();
  let said = "";
  let hasHungUp = false;
  for (;;) {
    signal?.throwIfAborted();
    try {
      return await identify(connection, api, modelId);
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof ServerFault) throw error;
      const lasting = error instanceof NotReady ? undefined : lastingFault(connection.where, error);
      if (lasting !== undefined) throw lasting;
      if (isHungUp(error) && !hasHungUp) {
        hasHungUp = true;
        if (connection.origin.startsWith("http:") && (await speaksTls(connection.origin))) {
          throw notPlain(connection.where, describeError(error));
        }
      }
      if (!isNobody(error)) answeredAt = clock.now();
      const left = Math.min(until, isNobody(error) ? answeredAt + listenSeconds : until) - clock.now();
      if (left <= 0) throw neverReady(connection, error, isNobody(error) ? clock.now() - answeredAt : waitSeconds);
      const reason = reasonOf(connection, error);
      if (reason !== said) waiting?.(`${reason}. Waiting up to ${Math.ceil(left)} s for it.`);
      said = reason;
    }
    await pause(clock, Math.min(LOOK_EVERY_SECONDS, Math.max(0, until - clock.now())), signal);
  }
}

/** Why it waits. */
function reasonOf({ where, origin }: Connection, error: unknown): string {
  if (!isNobody(error)) return `${where}: ${describeError(error)}`;
  const { host, hostname, protocol } = new URL(origin);
  const at = host === hostname ? `${host}:${protocol === "https:" ? 443 : 80}` : host;
  return `${where}: nothing listens at ${at} yet (${describeError(error)})`;
}

function neverReady(connection: Connection, error: unknown, waited: number): ServerFault {
  const seen = `${reasonOf(connection, error)}, still after ${Math.round(waited)} s.`;
  return error instanceof NotReady
    ? new ServerFault(
        "not-ready",
        `${seen} The server must have loaded its model: wait for its pod to be ready (kubectl get pods), or see its log (kubectl logs).`,
      )
    : new ServerFault(
        "unreachable",
        `${seen} A server must listen there: ${PORT_FORWARD}, then http://localhost:8000. Where the connection is made and closed at once, the pod is not ready, or speaks HTTPS.`,
      );
}

async function hasMetrics(connection: Connection): Promise<boolean> {
  try {
    const { status, text } = await connection.get("/metrics");
    return status === 200 && hasTgiMetrics(text);
  } catch {
    // Behind a gateway, or on another port: a load test does without them.
    return false;
  }
}

function pause(clock: Clock, seconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = clock.at(clock.now() + seconds, () => {
      signal?.removeEventListener("abort", abort);
      resolve();
    });
    signal?.addEventListener("abort", abort, { once: true });
  });
}
