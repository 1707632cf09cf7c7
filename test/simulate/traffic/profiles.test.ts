import assert from "node:assert/strict";
import { AZURE_CODE_2023, AZURE_CONVERSATION_2023 } from "../../../tools/simulate/traffic/azure2023";
import { type Description, describeTraffic } from "../../../tools/simulate/traffic/describe";
import { PROFILE_NAMES, type ProfileName, profileTraffic } from "../../../tools/simulate/traffic/profiles";
import type { Quantiles } from "../../../tools/simulate/traffic/quantiles";
import { first } from "./support";

const SEEDS = Array.from({ length: 6 }, (_, seed) => seed);

function valueAt({ probabilities, values }: Quantiles, probability: number): number {
  return values[probabilities.indexOf(probability)] ?? assert.fail(`no quantile at ${probability}`);
}

/** Within a share of what is expected, or a token of it: short answers have few tokens. */
function near(actual: number, expected: number, share: number, what: string): void {
  const slack = Math.max(share * expected, 1);
  assert.ok(Math.abs(actual - expected) <= slack, `${what}: ${actual} for ${expected}`);
}

function within(actual: number, low: number, high: number, what: string): void {
  assert.ok(actual >= low && actual <= high, `${what}: ${actual}, not within ${low} to ${high}`);
}

/** How far a single hour may be from the recorded one, as shares of it: the 60 seeds tried stay within. */
const SAMPLE = {
  conversation: { dispersion: [0.35, 4], busiestMinute: [0.8, 1.5] },
  code: { dispersion: [0.6, 1.9], busiestMinute: [0.7, 1.8] },
} as const;

for (const [name, recorded] of [
  ["conversation", AZURE_CONVERSATION_2023],
  ["code", AZURE_CODE_2023],
] as const) {
  describe(`The profile ${name}, held against the trace of 2023`, () => {
    let samples: readonly Description[] = [];

    function average(figure: (sample: Description) => number): number {
      return samples.reduce((sum, sample) => sum + figure(sample), 0) / samples.length;
    }

    before(() => {
      const { durationSeconds } = recorded;
      const traffic = profileTraffic(name, { durationSeconds });
      samples = SEEDS.map((seed) => describeTraffic(traffic.arrivals(seed), durationSeconds));
    });

    it("has its rate in every sample", () => {
      for (const { requests } of samples) within(requests / recorded.requests, 0.97, 1.03, "requests");
    });

    for (const kind of ["input", "output"] as const) {
      it(`has its ${kind} lengths in every sample`, () => {
        for (const sample of samples) {
          for (const [probability, share] of [
            [0.1, 0.1],
            [0.5, 0.06],
            [0.9, 0.1],
            [0.99, 0.2],
          ] as const) {
            near(valueAt(sample[kind], probability), valueAt(recorded[kind], probability), share, `p${probability}`);
          }
        }
      });

      it(`has its ${kind} lengths within 5 % over all samples`, () => {
        for (const probability of [0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99]) {
          const generated = average((sample) => valueAt(sample[kind], probability));
          near(generated, valueAt(recorded[kind], probability), 0.05, `p${probability}`);
        }
      });
    }

    it("has its outputs for each tenth of the inputs", () => {
      for (const [tenth, quantiles] of recorded.outputByInput.entries()) {
        const generated = average(({ outputByInput }) => valueAt(outputByInput[tenth] ?? assert.fail(), 0.5));
        near(generated, valueAt(quantiles, 0.5), 0.05, `tenth ${tenth}`);
      }
    });

    it("has its rank correlation in every sample", () => {
      for (const sample of samples) {
        within(sample.rankCorrelation - recorded.rankCorrelation, -0.05, 0.05, "difference");
      }
    });

    for (const window of ["second", "tenSeconds", "minute"] as const) {
      it(`has its dispersion of counts in windows of a ${window}`, () => {
        const [low, high] = SAMPLE[name].dispersion;
        for (const sample of samples) {
          within((sample.dispersion[window] - 1) / (recorded.dispersion[window] - 1), low, high, "sample");
        }
        within(average(({ dispersion }) => dispersion[window]) / recorded.dispersion[window], 0.7, 1.4, "average");
      });
    }

    it("has its busiest minute", () => {
      const [low, high] = SAMPLE[name].busiestMinute;
      for (const sample of samples) within(sample.busiestMinute / recorded.busiestMinute, low, high, "sample");
      within(average(({ busiestMinute }) => busiestMinute) / recorded.busiestMinute, 0.85, 1.2, "average");
    });

    it("is busy and silent as long", () => {
      for (const runs of ["busySeconds", "silentSeconds"] as const) {
        for (const probability of [0.5, 0.9]) {
          const generated = average((sample) => valueAt(sample[runs], probability));
          within(generated / valueAt(recorded[runs], probability), 0.5, 2, `${runs} p${probability}`);
        }
      }
    });
  });
}

describe("Every profile", () => {
  for (const name of PROFILE_NAMES) {
    it(`${name} gives the same requests for the same seed, others for another, in order and within the run`, () => {
      const traffic = profileTraffic(name, { rate: 20, durationSeconds: 90.5 });
      const run = traffic.arrivals(3);
      const requests = [...run];
      assert.deepEqual([...run], requests);
      assert.deepEqual([...profileTraffic(name, { rate: 20, durationSeconds: 90.5 }).arrivals(3)], requests);
      assert.notDeepEqual([...traffic.arrivals(4)], requests);
      let before = 0;
      for (const { at, inputTokens, outputTokens } of requests) {
        assert.ok(at >= before && at <= 90.5);
        assert.ok(Number.isInteger(inputTokens) && inputTokens > 0);
        assert.ok(Number.isInteger(outputTokens) && outputTokens > 0);
        before = at;
      }
    });

    it(`${name} has the mean rate that it states`, () => {
      for (const durationSeconds of [1800, 3333.3]) {
        const traffic = profileTraffic(name, { rate: 50, durationSeconds });
        const requests = [...traffic.arrivals(1)].length;
        // Five standard deviations of a Poisson count.
        const slack = 5 * Math.sqrt(traffic.meanRate * durationSeconds);
        within(requests - traffic.meanRate * durationSeconds, -slack, slack, "requests too many");
      }
    });
  }

  it("keeps the lengths, one by one, at another rate", () => {
    const lengths = (name: ProfileName, rate: number) =>
      first(profileTraffic(name, { rate }).arrivals(5), 200).map(({ inputTokens, outputTokens }) => [
        inputTokens,
        outputTokens,
      ]);
    assert.deepEqual(lengths("conversation", 2), lengths("conversation", 40));
    assert.deepEqual(lengths("conversation", 2), lengths("diurnal", 3));
    assert.notDeepEqual(lengths("conversation", 2), lengths("code", 2));
  });

  it("is made one request at a time", () => {
    const month = profileTraffic("steady", { rate: 100_000, durationSeconds: 60 });
    assert.equal(first(month.arrivals(1), 3).length, 3);
  });

  it("is the same on every machine", () => {
    assert.deepEqual(first(profileTraffic("conversation").arrivals(1), 3), [
      { at: 0.13319150348045147, inputTokens: 741, outputTokens: 375 },
      { at: 0.16763022515350331, inputTokens: 1000, outputTokens: 405 },
      { at: 0.3291693134656163, inputTokens: 1066, outputTokens: 371 },
    ]);
  });
});
