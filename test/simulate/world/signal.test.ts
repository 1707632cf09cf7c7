import assert from "node:assert/strict";
import { PodSeries, visibleAt } from "../../../tools/simulate/world/signal";

describe("a series", () => {
  it("shows a sample from when it is visible on, and the newest of those that are", () => {
    const series = new PodSeries();
    series.write(0, 5, 1);
    series.write(15, 18, 2);
    const seen = [4.9, 5, 17.9, 18, 100].map((now) => series.read(now));
    assert.deepEqual(seen, [null, 1, 1, 2, 2]);
  });

  it("shows a later sample that has overtaken the one before, and never goes back", () => {
    const series = new PodSeries();
    series.write(0, 5, 1);
    series.write(15, 40, 2);
    series.write(30, 33, 3);
    assert.deepEqual(
      [20, 33, 40].map((now) => series.read(now)),
      [1, 3, 3],
    );
  });

  it("is silent once its newest visible point is five minutes old", () => {
    const series = new PodSeries();
    assert.equal(series.read(0), null);
    series.write(10, 12, 7);
    assert.deepEqual([series.read(309.9), series.isOver(309.9)], [7, false]);
    assert.deepEqual([series.read(310), series.isOver(310)], [null, true]);
  });

  it("is over before it has begun", () => {
    assert.equal(new PodSeries().isOver(0), true);
  });
});

describe("a sample", () => {
  it("is visible after the path's delay, drawn between its least and its most", () => {
    const path = { periodSeconds: 15, averagedSeconds: 0, visibleSeconds: { least: 2, most: 7 } };
    assert.equal(
      visibleAt(path, 100, () => 0),
      102,
    );
    assert.equal(
      visibleAt(path, 100, () => 0.4),
      104,
    );
  });
});
