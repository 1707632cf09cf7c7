import type { Clock as EngineClock } from "../../standins/tgi/clock";
import { Engine } from "../../standins/tgi/engine";
import { jitter } from "../../standins/tgi/jitter";
import { TgiMetrics } from "../../standins/tgi/metrics";
import type { Played } from "../../standins/tgi/played";
import { DEFAULT_JITTER, DEFAULT_OVERHEAD } from "../../standins/tgi/standIn";
import type { Lengths, LoadedServer, ServerInfo } from "../../tools/calibrate/contract";
import { parseSample } from "../../tools/calibrate/load/metricsText";
import type { AnswerSink, Ending } from "../../tools/calibrate/load/sending";
import { StageRun } from "../../tools/calibrate/load/stageRun";
import { streams } from "../../tools/simulate/traffic/random";
import { VirtualTime } from "./virtualTime";

const GRACE_SECONDS = 60;
const SCRAPE_SECONDS = 1;
/** From server to client, and back [assumption: a pod next door]. */
const NETWORK_SECONDS = { least: 0.0003, most: 0.0015 };

export interface VirtualStandIn extends LoadedServer {
  readonly info: ServerInfo;
  now(): number;
}

/**
 * The stand-in's own engine and metrics, and the load generator's own stages, with virtual time and no HTTP between
 * them: a calibration of a quarter of an hour takes seconds, and comes out the same each time.
 */
export function virtualStandIn({ modelId, limits, times }: Played, seed: number): VirtualStandIn {
  const time = new VirtualTime();
  const { world, arrivals: network } = streams(seed);
  const metrics = new TgiMetrics(limits);
  const engine = new Engine({
    ...{ limits, times, metrics, timeScale: 1, overhead: DEFAULT_OVERHEAD, clock: engineClock(time) },
    jitter: jitter(DEFAULT_JITTER, world),
  });
  const info: ServerInfo = {
    ...{ api: "tgi", modelId, version: "2.4.0", isStandIn: true, hasMetrics: true },
    ...{ maxInputTokens: limits.maxInputTokens, maxTotalTokens: limits.maxTotalTokens },
    maxConcurrentRequests: limits.maxConcurrentRequests,
  };
  /** Calls a little later: over the network, and never within the engine's own call. */
  const later = (call: (at: number) => void) => {
    const { least, most } = NETWORK_SECONDS;
    const at = time.now() + least + (most - least) * network.uniform();
    time.at(at, () => call(at));
  };
  let ids = 0;
  return {
    info,
    now: () => time.now(),
    run: async (stage, lengths, observer, signal) => {
      const stageRun = new StageRun(stage, {
        ...{ lengths, observer, clock: time, limits: info, graceSeconds: GRACE_SECONDS },
        send: (planned, sink) => send(engine, planned, sink, later),
        nextId: () => {
          ids += 1;
          return ids;
        },
      });
      let isOver = false;
      const scrape = async (at: number): Promise<void> => {
        if (isOver) return;
        engine.setGauges();
        const sample = parseSample(await metrics.text(), at);
        if (sample !== undefined && !isOver) observer.scraped?.(sample);
        time.at(at + SCRAPE_SECONDS, () => void scrape(at + SCRAPE_SECONDS));
      };
      void scrape(time.now());
      await time.until(stageRun.run(signal)).finally(() => {
        isOver = true;
      });
    },
  };
}

function send(engine: Engine, planned: Lengths, sink: AnswerSink, later: (call: (at: number) => void) => void) {
  let isCancelled = false;
  let leave = () => {};
  const end = (ending: Omit<Ending, "at">) =>
    later((at) => {
      if (!isCancelled) sink.ended({ at, ...ending });
    });
  later(() => {
    if (isCancelled) return;
    const permit = engine.acquire();
    if (permit === undefined) {
      end({ result: "overloaded", inputTokens: undefined, outputTokens: undefined });
      return;
    }
    const { inputTokens, outputTokens } = planned;
    leave = engine.submit(
      permit,
      { inputTokens, maxNewTokens: outputTokens },
      {
        token: (place) =>
          later((at) => {
            if (isCancelled) return;
            sink.tokens(1, at);
            // The end comes with the last token.
            if (place === outputTokens - 1) sink.ended({ at, result: "served", inputTokens, outputTokens });
          }),
        finished: () => {},
      },
    );
  });
  return () => {
    isCancelled = true;
    leave();
  };
}

function engineClock(time: VirtualTime): EngineClock {
  let cancel = () => {};
  return {
    now: () => time.now(),
    wake: (seconds, call) => {
      cancel();
      cancel = time.at(time.now() + seconds, call);
    },
    stop: () => cancel(),
  };
}
