import { createServer, type Server, type ServerResponse } from "node:http";
import type { StepTimes } from "../../autoscaling/roofline";
import type { ServerLimits } from "../../tools/simulate/server/limits";
import { streams } from "../../tools/simulate/traffic/random";
import { close, LOOPBACK, listen } from "../loopback";
import { type Clock, realClock } from "./clock";
import { open } from "./doors";
import { Engine, type Overhead } from "./engine";
import { Exchange } from "./exchange";
import { Inference } from "./inference";
import { jitter } from "./jitter";
import { TgiMetrics } from "./metrics";

/** What a request takes before it is queued, where nothing else is asked for [assumption: nobody published it]. */
export const DEFAULT_OVERHEAD: Overhead = { perRequestSeconds: 0.003, perTokenSeconds: 2e-6 };
/** Spread of the steps, as a share of their mean, where nothing else is asked for [assumption]. */
export const DEFAULT_JITTER = 0.03;

/** A server to be played. Times are the played server's own: divide them by `timeScale` for what a client measures. */
export interface StandInOptions {
  readonly modelId: string;
  readonly limits: ServerLimits;
  readonly times: StepTimes;
  /** 0, which is the default, for any free one. */
  readonly port?: number;
  /** So many times as fast: latencies are divided by it, rates multiplied. 1 where nothing is said. */
  readonly timeScale?: number;
  /** Standard deviation of the steps, as a share of their mean. 0 is a server that is always even. */
  readonly jitter?: number;
  readonly overhead?: Overhead;
  /** How long it loads its model: `/health` answers 503, all else has its connection cut. 0 where nothing is said. */
  readonly loadSeconds?: number;
  /** Of the jitter, and of what is said. 1 where nothing is said. */
  readonly seed?: number;
  /** For a test that lets the time pass itself; the real one where none is given. */
  readonly clock?: Clock;
}

/** A TGI that is played on this machine. */
export interface StandIn {
  readonly url: string;
  /** Requests that it has accepted and not answered. */
  openRequests(): number;
  /** As on SIGTERM: takes no connection more, answers what it has, for at most the limits' `drainSeconds`. */
  drain(): Promise<void>;
  /** Ends at once, and every connection with it. */
  close(): Promise<void>;
}

/**
 * Starts a stand-in of TGI 2.4.0: its HTTP interface and its batching in real time, with step times that are given.
 * Nothing is computed: its answers are plain words, and as long as they may be.
 *
 * @throws when the port is taken.
 */
export async function startStandIn(options: StandInOptions): Promise<StandIn> {
  const { modelId, limits, times, port = 0, timeScale = 1, loadSeconds = 0 } = options;
  const { world, lengths } = streams(options.seed ?? 1);
  const metrics = new TgiMetrics(limits);
  const engine = new Engine({
    ...{ limits, times, timeScale, metrics, clock: options.clock ?? realClock() },
    overhead: options.overhead ?? DEFAULT_OVERHEAD,
    jitter: jitter(options.jitter ?? DEFAULT_JITTER, world),
  });
  const readyAt = performance.now() + (1000 * loadSeconds) / timeScale;
  const building = {
    ...{ engine, metrics, modelId, identity: { modelId, limits } },
    inference: new Inference(engine, metrics, limits, lengths),
    isLoading: () => performance.now() < readyAt,
  };
  // Like TGI's, it never closes a connection that waits: a client that reuses one does not find it gone.
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    const { pathname } = new URL(request.url ?? "/", `http://${LOOPBACK}`);
    // A client that goes in the middle is no error of the server's.
    response.on("error", () => {});
    open(request.method ?? "GET", pathname, building, new Exchange(request, response)).catch((error) => {
      response.destroy(error);
      throw error;
    });
  });
  const answering = openAnswers(server);
  const listening = await listen(server, port);
  const end = async () => {
    server.closeAllConnections();
    engine.kill();
    if (server.listening) await close(server);
  };
  return {
    url: `http://${LOOPBACK}:${listening}`,
    openRequests: () => engine.openRequests,
    drain: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const response of answering) endWith(response);
      server.on("request", (_, response) => endWith(response));
      const deadline = setTimeout(end, (1000 * limits.drainSeconds) / timeScale);
      await closed;
      clearTimeout(deadline);
      engine.kill();
    },
    close: end,
  };
}

/** Answers that are not sent whole yet. */
function openAnswers(server: Server): ReadonlySet<ServerResponse> {
  const answers = new Set<ServerResponse>();
  server.on("request", (_, response) => {
    answers.add(response);
    response.once("close", () => answers.delete(response));
  });
  return answers;
}

/** Has a connection end with an answer, as a server does that wants to end. */
function endWith(response: ServerResponse): void {
  response.shouldKeepAlive = false;
  response.once("finish", () => response.req.socket.end());
}
