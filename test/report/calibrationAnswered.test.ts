import assert from "node:assert/strict";
import { clientTable } from "../../tools/report/calibrationTables";
import { calibrationPage } from "../../tools/report/html/calibration";
import { calibrationLines } from "../../tools/report/terminal/calibration";
import { fakeCalibration, fakeStage } from "./calibrations";

const LOAD = { kind: "open", requestsPerSecond: 4.5 } as const;
/** Requests that stay for 0.2 + 100 × 0.05 = 5.2 s. */
const STAY = {
  requestsPerSecond: { mean: 4.4, low: 4, high: 5 },
  tokensPerSecond: { mean: 510, low: 500, high: 520 },
  ttft: { p50: 0.2, p95: 0.9, p99: 1 },
  tpot: { p50: 0.05, p95: 0.06, p99: 0.07 },
  achieved: { inputTokens: 500, outputTokens: 100 },
};

function shown(seconds: number, repetitions: number) {
  const report = fakeCalibration({ stages: [fakeStage(LOAD, { ...STAY, seconds, repetitions })] });
  const [, answered, tokens] = clientTable(report).rows[0] ?? [];
  return { answered, tokens, page: calibrationPage(report), screen: calibrationLines(report).join("\n") };
}

describe("the rate at which requests are answered", () => {
  const NOTE = /\* Requests stay for more than half of the measured time/;

  it("is marked, on the page and on a terminal, where requests stay for most of the measured time", () => {
    const { answered, page, screen } = shown(10, 1);
    assert.equal(answered, "4.4*");
    assert.match(page, /<td[^>]*>4\.4\*<\/td>/);
    assert.match(screen, /^ {2}4\.5 a second +4\.4\* +510 /m);
    assert.match(page, NOTE);
    assert.match(screen, NOTE);
    // Not the time of all repetitions counts.
    assert.match(shown(30, 3).answered ?? "", /\*$/);
  });

  it("is marked where tokens came, and no answer to its end, unless the server failed", () => {
    const none = { p50: Number.NaN, p95: Number.NaN, p99: Number.NaN };
    const answered = (failed: number, tokens: number) => {
      const stage = fakeStage(LOAD, {
        ...{ ttft: none, tpot: none, achieved: { inputTokens: Number.NaN, outputTokens: Number.NaN } },
        results: { served: 0, overloaded: 0, rejected: 0, unfinished: 0, failed },
        requestsPerSecond: { mean: 0, low: Number.NaN, high: Number.NaN },
        tokensPerSecond: { mean: tokens, low: tokens, high: tokens },
      });
      return clientTable(fakeCalibration({ stages: [stage] })).rows[0]?.[1];
    };
    assert.deepEqual([answered(0, 40), answered(3, 40), answered(0, 0)], ["0*", "0", "0"]);
  });

  it("is not where the measured time is long enough", () => {
    const { answered, page, screen } = shown(11, 1);
    assert.equal(answered, "4.4");
    assert.doesNotMatch(page, NOTE);
    assert.doesNotMatch(screen, NOTE);
  });

  it("has its interval on the page, over repetitions, as that of the tokens", () => {
    const { answered, tokens, page } = shown(90, 3);
    assert.deepEqual([answered, tokens], ["4.4 (4–5)", "510 (500–520)"]);
    assert.match(page, />answered\/s</);
    assert.deepEqual([shown(90, 1).answered, shown(90, 1).tokens], ["4.4", "510"]);
  });
});
