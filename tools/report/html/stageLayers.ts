import type { StageFigures } from "../../calibrate/contract";
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

/** Where loads stand across a chart. */
export interface Across {
  readonly of: (stage: StageFigures) => number;
  /** The kind of load that was told to be there. Where others come to stand was measured, and is as uncertain. */
  readonly told: StageFigures["load"]["kind"];
}

/** One figure of all stages: those of closed loops, and those of open ones. A curve joins those that were told where. */
export function pairOf(
  stages: readonly StageFigures[],
  { of: across, told }: Across,
  color: Color,
  { value, interval }: Drawn,
  named?: { readonly name: string; readonly dash: Dash },
): readonly Layer[] {
  const isTold = stages.some(({ load }) => load.kind === told);
  return KINDS.flatMap(({ kind, shape, label }): readonly Layer[] => {
    const some = stages.filter(({ load }) => load.kind === kind).sort((a, b) => loadOf(a) - loadOf(b));
    if (some.length === 0) return [];
    const x = some.map(across);
    const ends = interval === undefined ? undefined : some.map(interval);
    // Names of both would lie over one another.
    const isNamed = named !== undefined && (kind === told || !isTold);
    return [
      {
        kind: "measured",
        ...{ color, shape, label },
        points: { x, y: some.map(value) },
        ...(kind === told ? { dash: named?.dash ?? "solid" } : {}),
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
