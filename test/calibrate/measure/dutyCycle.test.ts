import assert from "node:assert/strict";
import { DutyCycleError, parseDutyCycle } from "../../../tools/calibrate/measure/dutyCycle";

function problemsOf(text: string): readonly string[] {
  try {
    parseDutyCycle(text, "gpu.csv");
  } catch (error) {
    assert.ok(error instanceof DutyCycleError);
    assert.equal(error.message, error.problems.join("\n"));
    return error.problems;
  }
  return [];
}

describe("samples of the GPUs", () => {
  it("are read with either kind of time", () => {
    const text = "Timestamp,duty_cycle\n2026-11-20T10:00:00Z,87\n2026-11-20T12:00:30.5+02:00,100\n\n1795168860, 0.5\n";
    assert.deepEqual(parseDutyCycle(text, "gpu.csv"), [
      { at: Date.UTC(2026, 10, 20, 10) / 1000, percent: 87 },
      { at: Date.UTC(2026, 10, 20, 10, 0, 30) / 1000 + 0.5, percent: 100 },
      { at: 1795168860, percent: 0.5 },
    ]);
  });

  const rows = [
    ["time,duty\n1,2\n", 'gpu.csv:1: header "time,duty"; expected timestamp,duty_cycle'],
    ["", "gpu.csv: is empty; expected a header: timestamp,duty_cycle"],
    ["timestamp,duty_cycle\n", "gpu.csv: has a header and no sample"],
    ["timestamp,duty_cycle\n1,101\n", 'gpu.csv:2: duty_cycle "101": expected percent, 0 to 100'],
    ["timestamp,duty_cycle\n1,50\n2,-3\n", 'gpu.csv:3: duty_cycle "-3": expected percent, 0 to 100'],
    ["timestamp,duty_cycle\n1,\n", 'gpu.csv:2: duty_cycle "": expected percent, 0 to 100'],
    ["timestamp,duty_cycle\n1,50,3\n", "gpu.csv:2: has 3 values; expected 2"],
    [
      "timestamp,duty_cycle\nnoon,50\n",
      'gpu.csv:2: timestamp "noon" is no time; expected ISO 8601, or seconds since 1970',
    ],
    ["timestamp,duty_cycle\n1,0.5\n2,1\n", "gpu.csv: no duty_cycle is above 1; expected percent, 0 to 100, not shares"],
  ] as const;
  for (const [text, problem] of rows) {
    it(`in ${JSON.stringify(text)} are refused: ${problem}`, () => assert.deepEqual(problemsOf(text), [problem]));
  }

  it("may all be 0", () => assert.deepEqual(problemsOf("timestamp,duty_cycle\n1,0\n"), []));

  it("tell no more than five mistakes", () => {
    assert.equal(problemsOf(`timestamp,duty_cycle\n${"1,x\n".repeat(9)}`).length, 5);
  });

  it("must be CSV", () => assert.match(problemsOf('timestamp,duty_cycle\n"1,2\n')[0] ?? "", /^gpu\.csv: no CSV: /));
});
