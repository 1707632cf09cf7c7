import assert from "node:assert/strict";
import { timeAxis } from "../../tools/report/axis";
import { apart } from "../../tools/report/html/endLabels";
import type { Layer } from "../../tools/report/html/layer";
import { drawn, x, y } from "./charts";
import { all, attribute, coordinates, one, text } from "./document";

describe("a chart", () => {
  it("has a name and a description for those who cannot see it", () => {
    const [svg] = all(drawn([]), "svg", "plot");
    assert.ok(svg !== undefined);
    assert.equal(attribute(svg, "role"), "img");
    assert.equal(text(one(svg, "title")), "Latency");
    assert.equal(text(one(svg, "desc")), "Rises with the load.");
  });

  it("has labels at the places of its ticks", () => {
    const figure = drawn([]);
    assert.deepEqual(
      all(figure, "text", "left").map((label) => [text(label), Number(attribute(label, "y"))]),
      [0, 2, 4, 6, 8, 10].map((value) => [String(value), 102 - 10 * value]),
    );
    assert.deepEqual(
      all(figure, "text", "below").map((label) => [text(label), attribute(label, "x")]),
      [
        ["0", "0%"],
        ["10", "25%"],
        ["20", "50%"],
        ["30", "75%"],
        ["40", "100%"],
      ],
    );
    assert.equal(all(figure, "g", "minor").length, 2);
  });

  it("leaves the labels of time to the chart below where it is told to", () => {
    const figure = drawn([], { x: timeAxis([0, 86400], 4), xLabels: false });
    assert.equal(all(figure, "text", "below").length, 0);
    assert.equal(all(figure, "figure", "bare").length, 1);
  });

  it("draws a line through its points, with a gap where one is missing", () => {
    const path = one(
      drawn([{ kind: "line", color: "blue", dash: "dashed", points: { x, y }, label: "p95" }], { key: false }),
      "path",
      "line",
    );
    assert.equal(attribute(path, "d"), "M0,102L100,52M400,2Z");
    assert.equal(attribute(path, "class"), "line blue dashed");
  });

  it("draws steps that hold until the next point", () => {
    const points = { x: [0, 10, 20], y: [2, 4, 4] };
    const path = one(
      drawn([{ kind: "line", color: "blue", steps: true, points, label: "p95" }], { key: false }),
      "path",
      "line",
    );
    assert.deepEqual(coordinates(path), [
      [0, 82],
      [100, 82],
      [100, 62],
      [200, 62],
      [200, 62],
    ]);
  });

  it("draws the mean and the range of a noisy series", () => {
    const points = { x: [0, 0.01, 0.02, 40], y: [1, 3, 8, 4] };
    const figure = drawn([{ kind: "spread", color: "blue", points, label: "load" }], { key: false });
    const heights = (name: string) => coordinates(one(figure, "path", name)).map(([, height]) => height);
    assert.deepEqual(heights("line"), [62, 62]);
    assert.deepEqual(heights("spread"), [22, 62, 62, 92]);
  });

  it("draws a band between its values, and no further than the chart", () => {
    const band = (low: number, high: number) =>
      one(drawn([{ kind: "band", low, high, label: "tolerated" }], { key: false }), "rect", "band");
    assert.deepEqual(
      ["y", "height"].map((name) => attribute(band(4, 6), name)),
      ["42", "20"],
    );
    assert.deepEqual(
      ["y", "height"].map((name) => attribute(band(8, 60), name)),
      ["0", "22"],
    );
  });

  it("draws a target all across, with its name beside it", () => {
    const figure = drawn([{ kind: "level", at: 4, label: "target 4", end: "target" }], { key: false });
    assert.equal(attribute(one(figure, "line", "level"), "y1"), "62");
    assert.equal(text(one(figure, "text", "end")), "target");
  });

  it("draws round points and a named one, whatever its width", () => {
    const figure = drawn(
      [
        { kind: "dots", color: "purple", points: { x, y }, label: "measured" },
        { kind: "marker", x: 30, y: 5, label: "target 30" },
      ],
      { key: false, xUnit: "requests at once" },
    );
    assert.deepEqual(
      all(figure, "circle", "dot").map((dot) => attribute(dot, "cx")),
      ["0%", "25%", "100%"],
    );
    assert.equal(attribute(one(figure, "circle", "ring"), "cx"), "75%");
    assert.equal(text(one(figure, "text", "mark")), "target 30");
    assert.equal(text(one(figure, "div", "across")), "requests at once");
  });

  it("explains the layers that it is told to, and no others", () => {
    const [first, second]: readonly Layer[] = [
      { kind: "level", at: 1, label: "target" },
      { kind: "level", at: 2, label: "limit" },
    ];
    assert.ok(first !== undefined && second !== undefined);
    assert.equal(text(one(drawn([first, second], { key: [second] }), "span", "key")).trim(), "limit");
  });

  it("says what everything in it means, by more than a colour", () => {
    const points = { x, y };
    const layers: readonly Layer[] = [
      { kind: "area", color: "green", points, label: "ready" },
      { kind: "line", color: "orange", points, label: "wanted" },
      { kind: "line", color: "blue", dash: "dotted", points, label: "fitted" },
      { kind: "spread", color: "blue", points, label: "load" },
      { kind: "dots", color: "gray", points, label: "measured" },
      { kind: "measured", color: "gray", shape: "circle", points, label: "closed" },
      { kind: "measured", color: "gray", shape: "diamond", points, label: "open" },
      { kind: "band", low: 1, high: 2, label: "tolerated" },
      { kind: "level", at: 1, label: "target" },
      { kind: "vertical", x: 1, label: "knee" },
      { kind: "marker", x: 1, y: 1, label: "chosen" },
    ];
    const key = one(drawn(layers), "span", "key");
    assert.deepEqual(text(key).trim().split(/\s+/), [
      "ready",
      "wanted",
      "fitted",
      "load",
      "measured",
      "closed",
      "open",
      "tolerated",
      "target",
      "knee",
      "chosen",
    ]);
    const shapes = all(key, "svg", "swatch").map((swatch) =>
      all(swatch, "*")
        .map(
          (mark) =>
            `${mark.tagName} ${attribute(mark, "d")} ${attribute(mark, "class")?.replace(/blue|green|orange|gray/, "")}`,
        )
        .join(),
    );
    assert.equal(new Set(shapes).size, layers.length);
  });
});

describe("names beside the ends of lines", () => {
  it("are moved apart, and stay within the chart", () => {
    assert.deepEqual(apart([10, 50], 100), [10, 50]);
    assert.deepEqual(apart([10, 12], 100), [10, 23]);
    assert.deepEqual(apart([99, 100, 100], 100), [74, 87, 100]);
  });
});
