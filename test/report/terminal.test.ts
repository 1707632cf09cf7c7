import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import { columnsOf, cut } from "../../tools/report/terminal/paint";
import { runLines } from "../../tools/report/terminal/run";
import { ASCII, prefersAscii, UNICODE } from "../../tools/report/terminal/style";
import { DAY, fakeMetric, fakeRun } from "./runs";

const day = fakeRun(DAY);
const GUTTER = 7;
/** The rows of the plot below the title with this text, without their labels and the axis. */
function plotOf(lines: readonly string[], title: string): readonly string[] {
  const from = lines.findIndex((line) => line.startsWith(title)) + 1;
  const rows = lines.slice(from);
  const end = rows.findIndex((line) => !/^.{6}[┤│+|]/.test(line));
  return rows.slice(0, end).map((line) => line.slice(GUTTER));
}

describe("a run in a terminal", () => {
  for (const width of [20, 40, 80, 81, 132]) {
    for (const ascii of [false, true]) {
      it(`fits ${width} columns ${ascii ? "of ASCII" : ""}`, () => {
        const metric = fakeMetric({ name: "漢字".repeat(40), unit: "x".repeat(99), average: day.load });
        for (const run of [day, fakeRun(3), { ...day, metric }]) {
          for (const line of runLines(run, { width, ascii })) assert.ok(columnsOf(line) <= width, line);
        }
      });
    }
  }

  it("is one screen, with the load, the replicas and the metric over one time axis", () => {
    const lines = runLines(day);
    assert.ok(lines.length <= 20, `${lines.length} lines`);
    assert.deepEqual(
      lines.flatMap((line) => /^(Load|Replicas|tgi_queue_size)/.exec(line)?.[0] ?? []),
      ["Load", "Replicas", "tgi_queue_size"],
    );
    assert.match(lines.at(-1) ?? "", /^ +0 +6 h +12 h +18 h +24 h$/);
  });

  it("says the target and the band in words, and draws both", () => {
    const average = Array.from(day.at, () => 40);
    const flat = { ...day, metric: fakeMetric({ average, target: 20, low: 10, high: 30 }) };
    const lines = runLines(flat);
    assert.match(lines.join("\n"), /target 20 {2}░ band 10–30$/m);
    const rows = plotOf(lines, "tgi_queue_size");
    const target = rows.filter((row) => row.includes("╌"));
    assert.equal(target.length, 1);
    assert.ok(lines.some((line) => line.startsWith("   20 ┤") && line.includes("╌")));
    assert.ok(
      rows.some((row) => /^[^╌]*░{20}/.test(row)),
      "no band",
    );
  });

  it("marks where the metric leaves the chart, and shows the rest", () => {
    const average = Array.from(day.at, (_, index) => (index > DAY / 2 ? 5000 : 8));
    const lines = runLines({ ...day, metric: fakeMetric({ average }) });
    const [top = "", ...others] = plotOf(lines, "tgi_queue_size");
    assert.match(lines.join("\n"), / ▲ up to 5K$/m);
    assert.match(top, /^ {35,37}▲+$/);
    assert.ok(others.some((row) => /^[⠉⠒⠤⣀]{30}/.test(row)));
  });

  it("draws a line for the replicas that are wanted above the area of those that are ready", () => {
    const of = (value: number) => Array.from({ length: 100 }, () => value);
    const rows = (wanted: number, ready: number) =>
      plotOf(runLines({ ...fakeRun(100), wanted: of(wanted), ready: of(ready) }), "Replicas").map((row) =>
        /^⠉+$/.test(row) ? "wanted" : /^▒+$/.test(row) ? "ready" : row,
      );
    assert.deepEqual(rows(4, 2), ["wanted", "", "ready", "ready"]);
    assert.deepEqual(rows(2, 4), ["ready", "ready", "wanted", "ready"]);
  });

  it("shows gaps of the metric as gaps, and a run without one by two charts", () => {
    const average = Array.from(day.at, () => Number.NaN);
    assert.ok(plotOf(runLines({ ...day, metric: fakeMetric({ average }) }), "tgi").every((row) => !/[⠀-⣿]/.test(row)));
    const { metric: _, ...unscaled } = day;
    assert.ok(!runLines(unscaled).join().includes("target"));
  });

  it("draws a jump as a line without holes", () => {
    const average = Array.from({ length: 50 }, (_, index) => (index < 25 ? 1 : 19));
    const rows = plotOf(runLines({ ...fakeRun(50), metric: fakeMetric({ average }) }), "tgi");
    const column = (rows[0] ?? "").search(/[⠀-⣿]/);
    assert.ok(
      rows.every((row) => [column - 1, column].some((at) => /[⠀-⣿]/.test(row[at] ?? ""))),
      rows.join("\n"),
    );
  });

  it("is the same with colours, and has none unless told", () => {
    const colored = runLines(day, { color: true }).join("\n");
    assert.notEqual(colored, stripVTControlCharacters(colored));
    const trimmed = stripVTControlCharacters(colored).replace(/ +$/gm, "");
    assert.equal(trimmed, runLines(day).join("\n"));
  });

  it("is nothing but ASCII where that is asked for", () => {
    const lines = runLines(day, { ascii: true });
    for (const line of lines) assert.match(line, /^[ -~]*$/);
    for (const glyph of ["#", ":", "*", "-"]) assert.ok(lines.join().includes(glyph));
  });

  it("obeys nothing that a name contains", () => {
    const metric = fakeMetric({ name: "\u001b[2Jevil\n\u009b", average: day.load });
    const text = runLines({ ...day, metric }).join("\n");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  });

  for (const entries of [0, 1, 2]) {
    it(`survives a run of ${entries} entries`, () => {
      for (const line of runLines(fakeRun(entries))) assert.doesNotMatch(line, /NaN|undefined|Infinity/);
    });
  }
});

describe("the choice of characters", () => {
  for (const [env, ascii] of [
    [{}, false],
    [{ TERM: "xterm-256color", LANG: "en_US.UTF-8" }, false],
    [{ LANG: "de_DE.utf8" }, false],
    [{ LANG: "C.UTF-8", LC_ALL: "" }, false],
    [{ LANG: "en_US.UTF-8", LC_ALL: "C" }, true],
    [{ LANG: "en_US.ISO-8859-1" }, true],
    [{ TERM: "linux", LANG: "en_US.UTF-8" }, true],
    [{ TERM: "dumb" }, true],
  ] as const) {
    it(`is ${ascii ? "ASCII" : "Unicode"} for ${JSON.stringify(env)}`, () => assert.equal(prefersAscii(env), ascii));
  }

  it("cuts texts by the columns that they take", () => {
    assert.equal(cut("queue-size", 10, UNICODE), "queue-size");
    assert.equal(cut("queue-size", 6, UNICODE), "queue…");
    assert.equal(cut("漢字漢字", 5, UNICODE), "漢字…");
    assert.equal(cut("queue-size", 6, ASCII), "que...");
    assert.equal(columnsOf(cut("queue-size", 0, UNICODE)), 0);
  });
});
