import assert from "node:assert/strict";
import { MAX_SEED, type Random, streams } from "../../../tools/simulate/traffic/random";

const COUNT = 50_000;

function moments(draw: () => number): { mean: number; variance: number } {
  const values = Array.from({ length: COUNT }, draw);
  const mean = values.reduce((sum, value) => sum + value, 0) / COUNT;
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / COUNT };
}

function close(actual: { mean: number; variance: number }, mean: number, variance: number): void {
  assert.ok(Math.abs(actual.mean - mean) < 0.02, `mean ${actual.mean} for ${mean}`);
  assert.ok(Math.abs(actual.variance - variance) < 0.05 * variance, `variance ${actual.variance} for ${variance}`);
}

function firsts(random: Random): readonly number[] {
  return [random.uniform(), random.uniform(), random.exponential(), random.normal(), random.normal()];
}

function correlation(pairs: readonly (readonly [number, number])[]): number {
  const sum = pairs.reduce((total, [a, b]) => total + (a - 0.5) * (b - 0.5), 0);
  return sum / pairs.length / (1 / 12);
}

describe("Random numbers of a seed", () => {
  it("have the moments of their distributions", () => {
    const { rate } = streams(7);
    close(
      moments(() => rate.uniform()),
      1 / 2,
      1 / 12,
    );
    close(
      moments(() => rate.exponential()),
      1,
      1,
    );
    close(
      moments(() => rate.normal()),
      0,
      1,
    );
  });

  it("are the same on every machine", () => {
    assert.deepEqual(
      firsts(streams(1).arrivals),
      [0.6509002109210443, 0.23823230365766745, 1.2763826764543886, 1.3934392978582926, 1.04888613561145],
    );
  });

  it("differ between streams and between seeds", () => {
    const drawn = [0, 1, 2, MAX_SEED].flatMap((seed) => Object.values(streams(seed)).map((random) => random.uniform()));
    assert.equal(new Set(drawn).size, 16);
  });

  it("do not follow from those of the seed before", () => {
    const seeds = Array.from({ length: 5000 }, (_, seed) => streams(seed).rate.uniform());
    const neighbours = seeds.slice(1).map((value, seed) => [seeds[seed] ?? 0, value] as const);
    // Four standard errors.
    assert.ok(Math.abs(correlation(neighbours)) < 4 / Math.sqrt(5000), `${correlation(neighbours)}`);
  });

  for (const seed of [-1, 0.5, Number.NaN, 2 ** 32]) {
    it(`do not come from the seed ${seed}`, () => {
      assert.throws(() => streams(seed), { message: `seed ${seed}: a seed is a whole number from 0 to 4294967295` });
    });
  }
});
