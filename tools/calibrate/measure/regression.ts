import { median } from "d3-array";
import { fcnnls } from "ml-fcnnls";
import { CholeskyDecomposition, inverse, Matrix } from "ml-matrix";

/** One measurement: seconds = Σ constant × amount, more or less. */
export interface Row {
  readonly amounts: readonly number[];
  readonly seconds: number;
  /** Steps that are summed up in it: the more, the smaller is its relative error. */
  readonly steps: number;
}

export interface Regression {
  /** 0 or more; 0 for those that could not be told, too. */
  readonly constants: readonly number[];
  /** Standard errors; not a number where the constant could not be told or came out as 0. */
  readonly errors: readonly number[];
  /** Constants that follow from the others in every row. */
  readonly untold: readonly number[];
}

const ITERATIONS = 30;
/** Relative change of the constants below which they stand. */
const SETTLED = 1e-7;
/** Huber's: residuals beyond so many standard deviations lose weight. */
const HUBER = 1.345;
/** Of a normal distribution: standard deviation ÷ median absolute deviation. */
const MAD_TO_DEVIATION = 1.4826;
/** A column of which less than this is its own, the rest a mix of the others, tells nothing (1 − R²). */
const LEAST_OWN_SHARE = 1e-6;

/**
 * Fits constants of 0 or more to measurements whose errors are multiplicative: relative residuals, Huber's weights,
 * non-negative least squares. Weights come from the fitted seconds, since those from the measured ones would favour
 * whatever was measured too short.
 *
 * @param dispensable columns that are left out, in this order, when the rows cannot tell them from the others.
 */
export function regress(rows: readonly Row[], dispensable: readonly number[]): Regression {
  const columns = rows[0]?.amounts.length ?? 0;
  let fitted = rows.map(({ seconds }) => seconds);
  let weights: readonly number[] = rows.map(() => 1);
  const untold: number[] = [];
  for (const column of dispensable) {
    const left = range(columns).filter((it) => !untold.includes(it));
    if (ownShare(gramOf(rows, weights, fitted, left), left.indexOf(column)) < LEAST_OWN_SHARE) untold.push(column);
  }
  const kept = range(columns).filter((it) => !untold.includes(it));
  let constants = new Array<number>(columns).fill(0);
  let huber = HUBER;
  for (let iteration = 0; iteration < ITERATIONS; iteration += 1) {
    const before = constants;
    constants = spread(solve(gramOf(rows, weights, fitted, kept)), kept, columns);
    fitted = rows.map((row) => secondsOf(row, constants) || row.seconds);
    const residuals = standardised(rows, fitted);
    huber = HUBER * MAD_TO_DEVIATION * (median(residuals, Math.abs) ?? 0);
    weights = residuals.map((it) => (Math.abs(it) <= huber ? 1 : huber / Math.abs(it)));
    if (constants.every((it, index) => Math.abs(it - (before[index] ?? 0)) <= SETTLED * it)) break;
  }
  const active = kept.filter((column) => (constants[column] ?? 0) > 0);
  return { constants, errors: errorsOf(rows, fitted, huber, active, columns), untold };
}

interface Gram {
  /** Products of the columns, each divided by its norm: a unit must not decide. */
  readonly products: Matrix;
  readonly right: Matrix;
  readonly norms: readonly number[];
}

function gramOf(
  rows: readonly Row[],
  weights: readonly number[],
  fitted: readonly number[],
  kept: readonly number[],
): Gram {
  const size = kept.length;
  const products = Matrix.zeros(size, size);
  const right = Matrix.zeros(size, 1);
  const sums = new Float64Array(size * size);
  const rightSums = new Float64Array(size);
  for (const [index, { amounts, seconds, steps }] of rows.entries()) {
    const weight = ((weights[index] ?? 1) * steps) / (fitted[index] ?? 1) ** 2;
    for (let i = 0; i < size; i += 1) {
      const first = weight * (amounts[kept[i] ?? 0] ?? 0);
      for (let j = 0; j <= i; j += 1) {
        sums[i * size + j] = (sums[i * size + j] ?? 0) + first * (amounts[kept[j] ?? 0] ?? 0);
      }
      rightSums[i] = (rightSums[i] ?? 0) + first * seconds;
    }
  }
  const norms = range(size).map((i) => Math.sqrt(sums[i * size + i] ?? 0) || 1);
  for (const [i, norm] of norms.entries()) {
    for (let j = 0; j <= i; j += 1) {
      const product = (sums[i * size + j] ?? 0) / (norm * (norms[j] ?? 1));
      // The same number on both sides: the factorisation insists on it.
      products.set(i, j, product).set(j, i, product);
    }
    right.set(i, 0, (rightSums[i] ?? 0) / norm);
  }
  return { products, right, norms };
}

/** 1 − R² of a column against the others. */
function ownShare({ products }: Gram, column: number): number {
  if (products.get(column, column) === 0) return 0;
  if (products.rows === 1) return 1;
  const others = range(products.rows).filter((it) => it !== column);
  const among = products.selection(others, others);
  const across = products.selection(others, [column]);
  const explained = across.transpose().mmul(inverse(among, true)).mmul(across).get(0, 0);
  return 1 - explained;
}

/** Least squares with constants of 0 or more. The library takes rows: those of Cholesky's factor stand for all. */
function solve({ products, right, norms }: Gram): readonly number[] {
  if (products.rows === 0) return [];
  const lower = new CholeskyDecomposition(products).lowerTriangularMatrix;
  const left = lower.transpose();
  const solution = fcnnls(left, inverse(lower).mmul(right)).K.to1DArray();
  return solution.map((value, index) => value / (norms[index] ?? 1));
}

/** Huber's own covariance, the sandwich: it also holds where some rows are noisier than others. */
function errorsOf(
  rows: readonly Row[],
  fitted: readonly number[],
  huber: number,
  active: readonly number[],
  columns: number,
): readonly number[] {
  const errors = new Array<number>(columns).fill(Number.NaN);
  if (active.length === 0 || rows.length <= active.length) return errors;
  const residuals = standardised(rows, fitted);
  const slopes = residuals.map((it) => (Math.abs(it) <= huber ? 1 : 0));
  const squares = residuals.map((it) => Math.min(Math.abs(it), huber) ** 2);
  const { products, norms } = gramOf(rows, slopes, fitted, active);
  const noise = gramOf(rows, squares, fitted, active);
  const outer = inverse(products, true);
  const scale = (i: number, j: number) =>
    ((noise.norms[i] ?? 1) * (noise.norms[j] ?? 1)) / ((norms[i] ?? 1) * (norms[j] ?? 1));
  const inner = noise.products.clone();
  for (const i of range(active.length))
    for (const j of range(active.length)) inner.set(i, j, inner.get(i, j) * scale(i, j));
  const covariance = outer.mmul(inner).mmul(outer);
  const freedom = rows.length / (rows.length - active.length);
  for (const [place, column] of active.entries()) {
    errors[column] = Math.sqrt(Math.max(0, covariance.get(place, place) * freedom)) / (norms[place] ?? 1);
  }
  return errors;
}

/** Relative residuals, as if each row were one step. */
function standardised(rows: readonly Row[], fitted: readonly number[]): readonly number[] {
  return rows.map(({ seconds, steps }, index) => (seconds / (fitted[index] ?? seconds) - 1) * Math.sqrt(steps));
}

function secondsOf({ amounts }: Row, constants: readonly number[]): number {
  let sum = 0;
  for (let index = 0; index < amounts.length; index += 1) sum += (amounts[index] ?? 0) * (constants[index] ?? 0);
  return sum;
}

function spread(values: readonly number[], places: readonly number[], size: number): number[] {
  const all = new Array<number>(size).fill(0);
  for (const [index, place] of places.entries()) all[place] = values[index] ?? 0;
  return all;
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
