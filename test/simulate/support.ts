import type { StackConfig } from "../../config/stackConfig";
import { type Scenario, scenarioOf } from "../../tools/simulate/scenario";
import type { Arrival, Traffic } from "../../tools/simulate/traffic/arrival";
import { accepted, type StackFile } from "../support/config";

export const SLO = { ttftSeconds: 2, tpotSeconds: 0.2 };

export function stack(set: StackFile = {}): StackConfig {
  return accepted(set).config;
}

/** Chats of 500 tokens in and 200 out, evenly: so many per second in each of the stretches. */
export function paced(stretches: readonly (readonly [seconds: number, rate: number])[], some: Partial<Traffic> = {}) {
  const arrivals: Arrival[] = [];
  let begin = 0;
  for (const [seconds, rate] of stretches) {
    for (let index = 0; index < seconds * rate; index += 1) {
      arrivals.push({ at: begin + index / rate, inputTokens: 500, outputTokens: 200 });
    }
    begin += seconds;
  }
  return trafficOf(arrivals, begin, some);
}

export function trafficOf(arrivals: readonly Arrival[], durationSeconds: number, some: Partial<Traffic> = {}): Traffic {
  const meanRate = arrivals.length / durationSeconds;
  return { name: "test", kind: "generated", durationSeconds, meanRate, arrivals: () => arrivals, ...some };
}

/** A stack on new nodes that are there within two minutes and go after ten. */
export function scenario(traffic: Traffic, set: StackFile = {}): Scenario {
  return scenarioOf(stack(set), { traffic, slo: SLO, coldStart: "streamed" });
}
