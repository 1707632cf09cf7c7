import assert from "node:assert/strict";
import fc from "fast-check";
import { DurationError, formatDuration, parseDuration } from "../../tools/simulate/duration";

function message(text: string): string {
  try {
    parseDuration(text);
  } catch (error) {
    assert.ok(error instanceof DurationError);
    return error.message;
  }
  return assert.fail(`${text} was read`);
}

describe("A duration of the command line", () => {
  it("is a number and its unit", () => {
    const seconds = ["100ms", "2s", "1.5s", "15m", "24h", "7d", " 90s "].map(parseDuration);
    assert.deepEqual(seconds, [0.1, 2, 1.5, 900, 86_400, 604_800, 90]);
  });

  it("is not guessed where the unit is missing", () => {
    assert.equal(message("2"), '"2" has no unit: a duration is a number and its unit, like: 100ms, 2s, 15m, 24h or 7d');
  });

  it("is above zero", () => {
    assert.equal(message("0s"), '"0s" is no time at all: a duration is above zero');
    assert.match(message("-5m"), /^"-5m" is negative: .*100ms, 2s, 15m/);
  });

  for (const text of ["", "s", "2 s", "2S", "2sec", "1h30m", "1e3s", ".5s", "2.s", "٢s", "NaNs", "2s\n3s"]) {
    it(`is not ${JSON.stringify(text)}`, () => {
      assert.match(message(text), /is not a duration: it takes a number and its unit, like: 100ms/);
    });
  }

  it("is shown as it can be read again", () => {
    assert.deepEqual([0.1, 2, 90, 900, 3480, 5400, 86_400, 3501.9, 3501.93].map(formatDuration), [
      "100ms",
      "2s",
      "1.5m",
      "15m",
      "58m",
      "1.5h",
      "1d",
      "3501.9s",
      "3502s",
    ]);
    fc.assert(
      fc.property(fc.double({ min: 0.0005, max: 3e6, noNaN: true }), (seconds) => {
        const read = parseDuration(formatDuration(seconds));
        assert.ok(
          Math.abs(read - seconds) <= Math.max(0.0005, seconds < 1 ? 0 : 0.5),
          `${seconds} was read as ${read}`,
        );
      }),
    );
  });
});
