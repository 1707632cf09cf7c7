import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import type { CalibrationReport } from "../../tools/report/calibration";
import { calibrationLines, PROGRESS_BAR_COLUMNS, progressNote } from "../../tools/report/terminal/calibration";
import { columnsOf } from "../../tools/report/terminal/paint";
import { CLOSED, fakeCalibration, fakeStage, fakeTarget } from "./calibrations";

const screenOf = (changes: Partial<CalibrationReport> = {}) => calibrationLines(fakeCalibration(changes));
const NO_KNEE = { load: undefined, why: "Every load met the SLO." };

describe("a calibration in a terminal", () => {
  const lines = screenOf();

  const variants: Readonly<Record<string, Partial<CalibrationReport>>> = {
    "a usual one": {},
    "long and wide words": {
      headline: "漢字".repeat(60),
      checks: ["x".repeat(300), "é ".repeat(90)],
      targets: [fakeTarget({ unit: "模型".repeat(50) })],
    },
    "large figures": {
      stages: [
        fakeStage(
          { kind: "closed", concurrency: 12345 },
          { results: { served: 1, overloaded: 1234567, rejected: 0, unfinished: 0, failed: 0 } },
        ),
      ],
    },
    "no load": { stages: [], knee: NO_KNEE, targets: [], fit: undefined, stackFile: [], partialBecause: "It died." },
  };
  for (const [name, changes] of Object.entries(variants)) {
    for (const ascii of [false, true]) {
      it(`fits 80 columns${ascii ? " of ASCII" : ""}: ${name}`, () => {
        for (const line of calibrationLines(fakeCalibration(changes), { ascii })) {
          assert.ok(columnsOf(line) <= 80, line);
          if (ascii) assert.match(line, /^[ -~]*$/);
          assert.doesNotMatch(line, /NaN|undefined|Infinity/);
        }
      });
    }
  }

  it("begins with the answer, and says what was measured", () => {
    assert.equal(lines[0], "One replica holds 8 requests/s within the SLO: set batch-size to 40.");
    assert.ok(lines.includes("  Measured on a running server."));
    const standIn = screenOf({ origin: "stand-in" }).join("\n");
    assert.match(standIn, /Measured on the stand-in: its step times are simulated, no GPU ran/);
    assert.doesNotMatch(standIn, /running server/);
  });

  it("has room for slow servers' figures: the share that met the SLO is never cut off", () => {
    const stages = [0.425, 0.575].map((requestsPerSecond) =>
      fakeStage(
        { kind: "open", requestsPerSecond },
        {
          requestsPerSecond: { mean: 0.425, low: 0.2, high: 0.6 },
          tokensPerSecond: { mean: 98.76, low: 90, high: 100 },
          ttft: { p50: 0.06461, p95: 0.20512, p99: 0.3 },
          tpot: { p50: 0.02253, p95: 0.02256, p99: 0.1 },
          ...{ queue: 0.04112, batch: 2.34567 },
          attainment: { mean: 0.8533, low: 0.8, high: 0.9 },
        },
      ),
    );
    const row = screenOf({ stages }).find((line) => line.includes("0.425 a second"));
    assert.match(row ?? "", / 0\.065 +0\.205 +22\.5 +22\.6 +0\.04 +2\.35 +0 +85\.3$/);
  });

  it("has a row for each load, with its figures below their titles", () => {
    const stage = fakeStage(
      { kind: "open", requestsPerSecond: 4.5 },
      {
        requestsPerSecond: { mean: 4.4, low: 4, high: 5 },
        tokensPerSecond: { mean: 510, low: 500, high: 520 },
        ttft: { p50: 0.21, p95: 0.97, p99: 3 },
        tpot: { p50: 0.0315, p95: 0.0425, p99: 0.1 },
        ...{ queue: 0.75, batch: 13 },
        results: { served: 800, overloaded: 7, rejected: 0, unfinished: 0, failed: 0 },
        attainment: { mean: 0.853, low: 0.8, high: 0.9 },
      },
    );
    const table = screenOf({ stages: [stage] });
    const head = table.findIndex((line) => line.startsWith("  load"));
    const words = (line = "") => line.trim().split(/ {1,}(?!%|a |s)/);
    assert.deepEqual(words(table[head]), [
      ...["load", "answered/s", "tok/s", "p50", "p95", "p50", "p95", "queue", "batch", "429", "met,", "%"].slice(0, 10),
      "met, %",
    ]);
    assert.match(
      table[head + 1] ?? "",
      /^ {2}4\.5 a second +4\.4 +510 +0\.21 +0\.97 +31\.5 +42\.5 +0\.75 +13 +7 +85\.3$/,
    );
    // Groups stand above the right ends of their columns.
    const above = table[head - 1] ?? "";
    const end = (title: string) => above.indexOf(title) + title.length;
    const ends = [...(table[head] ?? "").matchAll(/p95/g)].map(({ index }) => index + 3);
    assert.deepEqual([end("TTFT, s"), end("TPOT, ms")], ends);
  });

  it("marks the load at the knee and the stack's own strategy", () => {
    const marked = lines.filter((line) => line.startsWith("▸"));
    assert.equal(marked.length, 3);
    assert.match(marked[0] ?? "", /^▸ 8 a second /);
    assert.equal(marked[1], "▸ the knee");
    assert.match(
      marked[2] ?? "",
      /^▸ batch-size \(the stack's own\): target 40 requests, tolerated 36 to 44 \(at the$/,
    );
    const none = screenOf({ knee: NO_KNEE });
    assert.ok(none.includes("  No knee. Every load met the SLO."));
    assert.equal(none.filter((line) => line.startsWith("▸")).length, 1);
  });

  it("says that a strategy has no target, and why", () => {
    const text = lines.join("\n");
    assert.match(text, /dcgm-gpu-util: no target \(at the knee –, ceiling 100\)\n {4}Not measured: no samples/);
  });

  it("tells the fit, the disagreements, the assumptions, and that a run is incomplete", () => {
    const text = screenOf({ partialBecause: "The server died after 3 of 9 loads." }).join("\n");
    assert.match(text, /decode step +25\.8 ms +± 0\.4 % +28\.7 ms +0\.899 ×/);
    assert.match(text, /Requests waited when 61440 tokens/);
    assert.match(text, /\nClient against server\n {2}- At 128 at once/);
    assert.match(text, /\nAssumptions\n {2}- The client was not/);
    assert.match(text, /^ {2}Incomplete: The server died after 3 of 9 loads\.$/m);
    assert.doesNotMatch(lines.join("\n"), /Incomplete/);
    assert.match(screenOf({ fit: undefined }).join("\n"), /Too little was measured to fit/);
  });

  it("keeps the lines for the stack file as they are to stand there", () => {
    const long = `  gke-llm-autoscaling:modelId: ${"x".repeat(90)}`;
    assert.ok(screenOf({ stackFile: [long] }).includes(long));
  });

  it("is the same with colours, and has none unless told", () => {
    const colored = calibrationLines(fakeCalibration(), { color: true }).join("\n");
    assert.notEqual(colored, stripVTControlCharacters(colored));
    assert.equal(stripVTControlCharacters(colored), lines.join("\n"));
  });

  it("obeys nothing that a text contains", () => {
    const evil = "\u001b[2Jevil\n\u009b";
    const text = screenOf({ headline: evil, checks: [evil], stackFile: [evil] }).join("\n");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  });

  it("fits a narrower terminal too", () => {
    for (const width of [40, 60, 132]) {
      const narrow = calibrationLines(fakeCalibration({ stages: CLOSED, stackFile: [] }), { width });
      for (const line of narrow) assert.ok(columnsOf(line) <= width, `${width}: ${line}`);
    }
  });
});

describe("the note of a calibration's progress", () => {
  it("says which load is on, and how slow the first tokens are", () => {
    const load = { kind: "closed", concurrency: 16 } as const;
    assert.equal(progressNote({ stage: 3, of: 9, load, ttftP95: 0.412 }), "3/9, 16 at once, TTFT p95 412 ms");
    assert.equal(progressNote({ stage: 3, of: 9, load, ttftP95: Number.NaN }), "3/9, 16 at once");
    const open = { kind: "open", requestsPerSecond: 4.5 } as const;
    assert.equal(progressNote({ stage: 4, of: 9, load: open, ttftP95: 2.14 }), "4/9, 4.5/s, TTFT p95 2.14 s");
  });

  it("has room beside a short bar at 80 columns", () => {
    const longest = progressNote({
      stage: 10,
      of: 12,
      load: { kind: "closed", concurrency: 128 },
      ttftP95: 0.412,
    });
    const bar = ["measuring", "x".repeat(PROGRESS_BAR_COLUMNS), " 42 %", "59 min 59 s left", longest].join("  ");
    assert.ok(bar.length <= 79, `${bar.length}`);
  });
});
