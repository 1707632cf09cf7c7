import assert from "node:assert/strict";
import { profileTraffic } from "../../../tools/simulate/traffic/profiles";
import { streams } from "../../../tools/simulate/traffic/random";
import type { RateShape } from "../../../tools/simulate/traffic/rates";
import { bursts, DIURNAL_MEAN, diurnal, ramp, steady, steps } from "../../../tools/simulate/traffic/shapes";

function rates(shape: RateShape, seconds: number): readonly number[] {
  return [...shape(seconds, streams(0).rate)];
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe("The shape of a rate", () => {
  it("steady stands still", () => {
    assert.deepEqual(rates(steady, 3), [1, 1, 1]);
  });

  it("steps goes up and down again", () => {
    assert.deepEqual(rates(steps, 10), [0.5, 0.5, 1, 1, 2, 2, 1, 1, 0.5, 0.5]);
  });

  it("ramp rises in a straight line", () => {
    const values = rates(ramp, 1600);
    assert.ok(Math.abs((values[0] ?? 0) - 0.2005) < 1e-9);
    assert.ok(Math.abs((values[1599] ?? 0) - 1.7995) < 1e-9);
    for (const [second, value] of values.entries()) {
      if (second > 0) assert.ok(Math.abs(value - (values[second - 1] ?? 0) - 0.001) < 1e-9);
    }
  });

  it("bursts has a minute in ten", () => {
    const values = rates(bursts, 1800);
    const high = values.flatMap((value, second) => (value === 5.5 ? [second] : []));
    assert.deepEqual([high.length, high[0], high[60], high[120]], [180, 300, 900, 1500]);
    assert.deepEqual(new Set(values), new Set([0.5, 5.5]));
    // Shorter than ten minutes, it still has its burst; 14 minutes are one cycle, 16 two.
    for (const [duration, seconds, count] of [
      [100, 10, 1],
      [840, 84, 1],
      [960, 96, 2],
    ] as const) {
      const other = rates(bursts, duration);
      const begins = other.filter((value, second) => value === 5.5 && other[second - 1] === 0.5);
      assert.deepEqual([other.filter((value) => value === 5.5).length, begins.length], [seconds, count]);
    }
  });

  for (const [name, shape] of Object.entries({ steady, steps, ramp, bursts })) {
    it(`${name} is 1 on average`, () => {
      assert.ok(Math.abs(mean(rates(shape, 3000)) - 1) < 1e-9);
    });
  }

  it("diurnal goes from 0.2 to 4 and back, whatever the run", () => {
    const day = rates(diurnal, 86_400);
    const lowest = Math.min(...day.slice(0, 60), ...day.slice(-60));
    const highest = Math.max(...day.slice(43_100, 43_300));
    assert.deepEqual([lowest.toFixed(4), highest.toFixed(4)], ["0.2000", "4.0000"]);
    assert.ok(day.every((value) => value >= 0.2 && value <= 4));
    assert.ok(Math.abs(mean(day) - DIURNAL_MEAN) < 1e-6);
    assert.deepEqual(rates(diurnal, 3600), day.slice(0, 3600));
  });

  it("diurnal multiplies the rate that is given", () => {
    const day = profileTraffic("diurnal", { rate: 2 });
    assert.equal(day.durationSeconds, 86_400);
    assert.ok(Math.abs(day.meanRate - 2 * DIURNAL_MEAN) < 1e-6);
    const hours = new Array<number>(24).fill(0);
    for (const { at } of day.arrivals(1)) hours[Math.floor(at / 3600)] = (hours[Math.floor(at / 3600)] ?? 0) + 1;
    for (const [hour, requests] of hours.entries()) {
      const expected = 3600 * 2 * (DIURNAL_MEAN - 1.9 * Math.cos((2 * Math.PI * (hour + 0.5)) / 24));
      assert.ok(
        Math.abs(requests - expected) < 5 * Math.sqrt(expected) + 0.01 * expected,
        `${requests} in hour ${hour}`,
      );
    }
  });
});
