import type { Glyphs, Ink, Paint } from "./style";

/** Dots of a braille character: two columns, four rows from the top. Source: Unicode, block Braille Patterns. */
const DOTS = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
] as const;
const BRAILLE = 0x2800;
export const DOTS_ACROSS = 2;
export const DOTS_DOWN = 4;

interface Cell {
  glyph: string;
  ink: Ink;
  /** Bits of the braille character over the glyph. */
  dots: number;
}

/** A drawing area of characters, with finer dots on top. Row 0 is the lowest one. */
export class Grid {
  readonly #cells: readonly (readonly Cell[])[];
  #line: Ink = "none";

  constructor(
    readonly columns: number,
    readonly rows: number,
    private readonly glyphs: Glyphs,
  ) {
    this.#cells = Array.from({ length: rows }, () =>
      Array.from({ length: columns }, (): Cell => ({ glyph: " ", ink: "none", dots: 0 })),
    );
  }

  /** Puts a glyph into a cell, over what was there; outside of the area nothing happens. */
  put(column: number, row: number, glyph: string, ink: Ink): void {
    const cell = this.#cells[row]?.[column];
    if (cell === undefined) return;
    cell.glyph = glyph;
    cell.ink = ink;
    cell.dots = 0;
  }

  /**
   * A line through the given heights.
   *
   * @param heights of each column of dots, from 0 to 1: its lowest and its highest point; NaN where there is none.
   */
  line(heights: readonly (readonly [low: number, high: number])[], ink: Ink): void {
    this.#line = ink;
    let before: number | undefined;
    for (const [x, [low, high]] of heights.entries()) {
      if (Number.isNaN(low)) {
        before = undefined;
        continue;
      }
      let [from, to] = [this.#dotOf(low), this.#dotOf(high)];
      // Joins neighbours, so that a jump is a vertical line.
      if (before !== undefined) [from, to] = [Math.min(from, before), Math.max(to, before)];
      before = this.#dotOf((low + high) / 2);
      for (let y = from; y <= to; y += 1) this.#dot(x, y);
    }
  }

  /** The row in which a height from 0 to 1 lies. */
  rowOf(height: number): number {
    return Math.floor(this.#dotOf(height) / DOTS_DOWN);
  }

  /** Dots count from the lowest one. The one of a value is the last that an area up to the value fills. */
  #dotOf(height: number): number {
    const dots = this.rows * DOTS_DOWN;
    return Math.min(dots - 1, Math.max(0, Math.round(height * dots) - 1));
  }

  #dot(x: number, y: number): void {
    const cell = this.#cells[Math.floor(y / DOTS_DOWN)]?.[Math.floor(x / DOTS_ACROSS)];
    const bit = DOTS[x % DOTS_ACROSS === 0 ? 0 : 1][DOTS_DOWN - 1 - (y % DOTS_DOWN)];
    if (cell !== undefined && bit !== undefined) cell.dots |= bit;
  }

  /** The rows from the top, each as wide as the area. */
  lines(paint: Paint): readonly string[] {
    return [...this.#cells].reverse().map((row) => {
      let text = "";
      for (let from = 0; from < row.length; ) {
        const ink = this.#inkOf(row[from]);
        let to = from;
        while (to < row.length && this.#inkOf(row[to]) === ink) to += 1;
        text += paint[ink](
          row
            .slice(from, to)
            .map((cell) => this.#glyphOf(cell))
            .join(""),
        );
        from = to;
      }
      return text;
    });
  }

  #inkOf(cell: Cell | undefined): Ink {
    return cell === undefined || cell.dots === 0 ? (cell?.ink ?? "none") : this.#line;
  }

  #glyphOf({ glyph, dots }: Cell): string {
    if (dots === 0) return glyph;
    return this.glyphs.braille ? String.fromCharCode(BRAILLE + dots) : this.glyphs.line;
  }
}
