import assert from "node:assert/strict";
import { logAxis } from "../../tools/report/axis";
import { drawn, x, y } from "./charts";
import { all, attribute, coordinates, one, text } from "./document";

describe("a chart of measurements", () => {
  it("draws measurements with their intervals, and a gap where one is missing", () => {
    const figure = drawn(
      [
        {
          ...{ kind: "measured", color: "blue", shape: "diamond", label: "open", dash: "solid", end: "p95" },
          points: { x, y },
          intervals: { low: [0, 4, 1, Number.NaN], high: [1, 7, 2, 9] },
        },
      ],
      { key: false },
    );
    assert.equal(attribute(one(figure, "path", "line"), "d"), "M0,102L100,52M400,2Z");
    const places = all(figure, "svg", "at").filter((at) => all(at, "path", "point").length > 0);
    assert.deepEqual(
      places.map((at) => [attribute(at, "x"), attribute(at, "y")]),
      [
        ["0%", "102"],
        ["25%", "52"],
        ["100%", "2"],
      ],
    );
    const bars = all(figure, "path", "bar").map((bar) => attribute(bar, "d"));
    assert.deepEqual(bars, [
      "M-3.5,92H3.5M0,92V102M-3.5,102H3.5",
      "M-3.5,32H3.5M0,32V62M-3.5,62H3.5",
      "M-3.5,82H3.5M0,82V92M-3.5,92H3.5",
    ]);
    assert.equal(attribute(one(figure, "text", "end"), "y"), "2");
  });

  it("joins measurements in their order, also where they turn back", () => {
    const points = { x: [10, 20, 15], y: [1, 2, 3] };
    const figure = drawn(
      [{ kind: "measured", color: "blue", shape: "circle", points, dash: "solid", label: "closed" }],
      {
        key: false,
      },
    );
    assert.deepEqual(
      coordinates(one(figure, "path", "line")).map(([across]) => across),
      [100, 200, 150],
    );
  });

  it("shows a measurement that is too large as an arrow at the upper edge", () => {
    const points = { x: [0, 40], y: [5, 50] };
    const figure = drawn([{ kind: "measured", color: "blue", shape: "circle", points, label: "closed" }], {
      key: false,
    });
    assert.equal(all(figure, "circle", "point").length, 1);
    const arrow = all(figure, "svg", "at")[1] ?? assert.fail();
    assert.equal(attribute(arrow, "y"), "0");
    assert.equal(all(arrow, "path", "point").length, 1);
  });

  it("draws a place across with its name at the side on which there is room", () => {
    const mark = (place: number) =>
      drawn([{ kind: "vertical", x: place, label: "chosen", end: "knee" }], { key: false });
    const line = one(mark(10), "line", "dotted");
    assert.deepEqual(
      ["x1", "x2", "y1", "y2"].map((name) => attribute(line, name)),
      ["25%", "25%", "0", "102"],
    );
    assert.equal(attribute(one(mark(10), "text", "mark"), "class"), "mark");
    assert.equal(attribute(one(mark(36), "text", "mark"), "class"), "mark before");
    assert.equal(text(one(mark(36), "text", "mark")), "knee");
    const nameless = drawn([{ kind: "vertical", x: 1, label: "chosen" }], { key: false });
    assert.equal(all(nameless, "text", "mark").length, 0);
  });

  it("places ratios at equal distances on a logarithmic axis", () => {
    const points = { x: [1, 4, 16], y: [0.1, 1, 10] };
    const figure = drawn(
      [
        { kind: "line", color: "blue", points, label: "line" },
        { kind: "measured", color: "blue", shape: "circle", points, label: "closed" },
      ],
      { key: false, x: logAxis([1, 16], 9, 2), y: logAxis([0.1, 10], 5) },
    );
    for (const path of all(figure, "path", "line")) assert.equal(attribute(path, "d"), "M0,102L200,52L400,2");
    const places = all(figure, "svg", "at").map((at) => [attribute(at, "x"), attribute(at, "y")]);
    assert.deepEqual(places, [
      ["0%", "102"],
      ["50%", "52"],
      ["100%", "2"],
    ]);
    assert.deepEqual(
      all(figure, "text", "below").map((label) => attribute(label, "x")),
      ["0%", "25%", "50%", "75%", "100%"],
    );
  });

  it("puts what has no logarithm at the lower edge", () => {
    const points = { x: [1, 2], y: [0, 1] };
    const figure = drawn([{ kind: "measured", color: "blue", shape: "circle", points, label: "closed" }], {
      key: false,
      y: logAxis([0.1, 10], 5),
    });
    assert.equal(attribute(all(figure, "svg", "at")[0] ?? assert.fail(), "y"), "102");
  });
});
