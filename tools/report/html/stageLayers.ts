import type { StageFigures } from "../../calibrate/contract";
import { largestOf } from "../axis";
import { short } from "../text";
import type { Color, Dash, Layer, Shape } from "./layer";

/** Loads of two kinds are told apart by the shape of their points. */
export const KINDS = [
  { kind: "closed", shape: "circle", label: "closed loop: so many clients" },
  { kind: "open", shape: "diamond", label: "open loop: so many a second" },
] as const satisfies readonly { kind: StageFigures["load"]["kind"]; shape: Shape; label: string }[];

/** What one chart draws of a stage. */
export interface Drawn {
  readonly value: (stage: StageFigures) => number;
  /** Ends of its 95 % confidence interval. */
  readonly interval?: (stage: StageFigures) => { readonly low: number; readonly high: number };
}

/** One figure of all stages: those of closed loops, and those of open ones, each joined. */
export function pairOf(
  stages: readonly StageFigures[],
  across: (stage: StageFigures) => number,
  color: Color,
  { value, interval }: Drawn,
  named?: { readonly name: string; readonly dash: Dash },
): readonly Layer[] {
  const furthest = largestOf(stages.map(across));
  return KINDS.flatMap(({ kind, shape, label }): readonly Layer[] => {
    const some = stages.filter(({ load }) => load.kind === kind).sort((a, b) => loadOf(a) - loadOf(b));
    if (some.length === 0) return [];
    const x = some.map(across);
    const ends = interval === undefined ? undefined : some.map(interval);
    // Of two curves the one that goes further is named: names of both would lie over one another.
    const isNamed = named !== undefined && largestOf(x) === furthest;
    return [
      {
        kind: "measured",
        ...{ color, shape, label },
        points: { x, y: some.map(value) },
        ...(named === undefined ? {} : { dash: named.dash }),
        ...(ends === undefined
          ? {}
          : { intervals: { low: ends.map(({ low }) => low), high: ends.map(({ high }) => high) } }),
        ...(isNamed ? { end: named.name } : {}),
      },
    ];
  });
}

/** Curves follow the load, also where more of it is answered more slowly. */
function loadOf({ load }: StageFigures): number {
  return load.kind === "closed" ? load.concurrency : load.requestsPerSecond;
}

/** What a chart shows, for those who cannot see it. */
export function describe(
  what: string,
  values: readonly number[],
  loads: readonly number[],
  unit: string,
  show: (value: number) => string = short,
): string {
  return `${what}: ${extent(values, show)}, under ${values.length} loads of ${extent(loads)} ${unit}.`;
}

/** Of all that are numbers. */
export function extent(values: readonly number[], show: (value: number) => string = short): string {
  const some = values.filter(Number.isFinite);
  return some.length === 0 ? "none" : `${show(Math.min(...some))} to ${show(Math.max(...some))}`;
}
