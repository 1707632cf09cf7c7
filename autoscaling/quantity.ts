/** A value in the step in which the HPA computes, as a number. */
export function thousandths(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/**
 * A number as a Kubernetes quantity without suffix or in thousandths, exact to thousandths, which is how the HPA computes:
 * `10` → "10", `2.5` → "2500m". Anything finer is rounded to the nearest thousandth.
 */
export function quantityOf(value: number): string {
  const milli = Math.round(value * 1000);
  return milli % 1000 === 0 ? String(milli / 1000) : `${milli}m`;
}

const SUFFIXES: Readonly<Record<string, number>> = {
  "": 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** The value of a quantity such as `10Gi`, `500m` or `2`; undefined when the text is not one we accept. */
export function parseQuantity(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/.exec(text);
  if (match === null) return undefined;
  const unit = SUFFIXES[match[2] ?? ""];
  return unit === undefined ? undefined : Number(match[1]) * unit;
}

/**
 * The value of a quantity in whole thousandths, which is how the HPA computes; finer ones are rounded up, as
 * Kubernetes does it. Undefined when the text is not a quantity that we accept.
 */
export function parseThousandths(text: string): number | undefined {
  const value = parseQuantity(text);
  // 4.03 × 1000 is 4030.0000000000005 to a float: what lies beyond its 15 good digits must not round up.
  return value === undefined ? undefined : Math.ceil(Number((value * 1000).toPrecision(15)));
}
