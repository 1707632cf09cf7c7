import assert from "node:assert/strict";
import { type Row, regress } from "../../../tools/calibrate/measure/regression";
import { streams } from "../../../tools/simulate/traffic/random";

/** Rows of 0.01 + 0.002 × size, with this much relative noise. */
function rows(count: number, noise: number, seed = 1): Row[] {
  const random = streams(seed).world;
  return Array.from({ length: count }, (_, index) => {
    const size = 1 + (index % 50);
    return { amounts: [1, size], seconds: (0.01 + 0.002 * size) * (1 + noise * random.normal()), steps: 1 };
  });
}

function assertNear(actual: number | undefined, expected: number, share: number): void {
  assert.ok(actual !== undefined && Math.abs(actual / expected - 1) <= share, `${actual}, not ${expected}`);
}

describe("the regression", () => {
  it("is not led astray by a tenth of the rows that is wild", () => {
    const wild = rows(1000, 0.02).map((row, index) => (index % 10 === 0 ? { ...row, seconds: row.seconds * 4 } : row));
    const { constants } = regress(wild, []);
    assertNear(constants[0], 0.01, 0.05);
    assertNear(constants[1], 0.002, 0.02);
  });

  it("lets large rows weigh no more than small ones", () => {
    // One tenth more for the large ones: with absolute weights the base would be off by far.
    const bent = rows(1000, 0).map((row) =>
      (row.amounts[1] ?? 0) > 40 ? { ...row, seconds: row.seconds * 1.1 } : row,
    );
    assertNear(regress(bent, []).constants[0], 0.01, 0.05);
  });

  it("believes rows of more steps more", () => {
    const long = { amounts: [100], seconds: 1, steps: 100 };
    const short = { amounts: [1], seconds: 0.0101, steps: 1 };
    const { constants } = regress([long, long, short, short], []);
    assertNear(constants[0], 0.01, 0.001);
  });

  it("gives standard errors that the constants keep to", () => {
    let within = 0;
    for (let seed = 1; seed <= 40; seed += 1) {
      const { constants, errors } = regress(rows(200, 0.05, seed), []);
      if (Math.abs((constants[0] ?? 0) - 0.01) <= 2 * (errors[0] ?? 0)) within += 1;
      assert.ok((errors[0] ?? 1) < 0.0005);
    }
    assert.ok(within >= 34 && within < 40, `${within} of 40 within two standard errors`);
  });

  it("leaves out what follows from the rest, and says so", () => {
    const twice = rows(100, 0.01).map((row) => ({
      ...row,
      amounts: [1, row.amounts[1] ?? 0, 3 * (row.amounts[1] ?? 0)],
    }));
    const { constants, untold, errors } = regress(twice, [2]);
    assert.deepEqual([untold, constants[2], errors[2]], [[2], 0, Number.NaN]);
    assertNear(constants[1], 0.002, 0.01);
  });

  it("gives no negative constant", () => {
    const falling = [1, 2, 3, 4].map((size) => ({ amounts: [1, size], seconds: 1 - size / 10, steps: 1 }));
    const { constants } = regress(falling, []);
    assert.equal(constants[1], 0);
    assert.ok((constants[0] ?? 0) > 0.6);
  });
});
