import assert from "node:assert/strict";
import { dashboardDocument } from "../../observability/dashboard";
import {
  DASHBOARD_LIMITS,
  type DashboardDocument,
  exceededLimits,
  type Tile,
} from "../../observability/dashboardDocument";
import { DASHBOARD, validateGoogleMessage } from "../support/googleMessages";
import { combinations, OBSERVED_VARIANTS, observed } from "../support/observed";

const tilesOf = (variant: string) => dashboardDocument(observed(OBSERVED_VARIANTS[variant])).mosaicLayout.tiles;
const titles = (variant: string) => tilesOf(variant).map(({ widget }) => widget.title);
const chart = (variant: string, title: string) =>
  tilesOf(variant).find(({ widget }) => widget.title.startsWith(title))?.widget ?? assert.fail(`no ${title}`);

/** How Cloud Monitoring's templates begin. */
const LABELS = "$" + "{labels.";

/** Every value in a document, by path. */
function* leaves(value: unknown, path = ""): Generator<readonly [string, unknown]> {
  if (typeof value !== "object" || value === null) return yield [path, value];
  if (Object.keys(value).length === 0) yield [path, value];
  for (const [key, part] of Object.entries(value)) yield* leaves(part, `${path}.${key}`);
}

function assertAccepted(document: DashboardDocument): void {
  assert.deepEqual(validateGoogleMessage(DASHBOARD, JSON.parse(JSON.stringify(document))), []);
  assert.deepEqual(exceededLimits(document), []);
}

function assertNothingDropped(document: DashboardDocument): void {
  for (const [path, value] of leaves(document)) {
    assert.ok(!["", 0, false, null, undefined].includes(value as string) && typeof value !== "object", path);
    assert.doesNotMatch(path, /^\.(name|etag)$/);
  }
}

describe("The dashboard", () => {
  for (const [variant, file] of Object.entries(OBSERVED_VARIANTS)) {
    const document = dashboardDocument(observed(file));
    it(`is a document that Google's own definition accepts: ${variant}`, () => assertAccepted(document));

    it(`has nothing that Google drops, or it would differ for ever: ${variant}`, () => assertNothingDropped(document));

    it(`fills its rows, and no tile lies on another: ${variant}`, () => {
      const taken = new Set<string>();
      const { tiles } = document.mosaicLayout;
      for (const { xPos = 0, yPos = 0, width, height, widget } of tiles) {
        for (let x = xPos; x < xPos + width; x += 1) {
          for (let y = yPos; y < yPos + height; y += 1) {
            assert.ok(!taken.has(`${x},${y}`), widget.title);
            taken.add(`${x},${y}`);
          }
        }
      }
      const bottom = Math.max(...tiles.map(({ yPos = 0, height }) => yPos + height));
      assert.equal(taken.size, bottom * DASHBOARD_LIMITS.columns);
    });
  }

  it("is all that in every combination of signals, exporter, adapter and behavior", () => {
    for (const { name, stack } of combinations()) {
      const document = dashboardDocument(stack);
      assertAccepted(document);
      assertNothingDropped(document);
      const made = document.mosaicLayout.tiles.map(({ widget }) => widget.title);
      assert.equal(new Set(made).size, made.length, name);
      assert.equal(made.filter((title) => title.startsWith("Scaling signal")).length, stack.metrics.length, name);
      assert.equal(made.includes("Metrics adapter"), stack.adapter, name);
    }
  });

  it("begins with the three questions", () => {
    const headline = tilesOf("queue-size").slice(0, 3);
    assert.deepEqual(
      headline.map(({ yPos, widget }) => [yPos, widget.title, widget.scorecard?.thresholds]),
      [
        [undefined, "Is it scaling? (1: the HPA reads its metric)", [{ value: 0.5, color: "RED", direction: "BELOW" }]],
        [
          undefined,
          "Is it at its limit? (wanted, % of the maximum)",
          [{ value: 99.5, color: "YELLOW", direction: "ABOVE" }],
        ],
        [undefined, "Is anybody refused? (429 a second)", [{ value: 0.001, color: "RED", direction: "ABOVE" }]],
      ],
    );
  });

  it("shows what was promised", () => {
    assert.deepEqual(titles("queue-size").slice(3), [
      "Scaling signal: queue-size per replica",
      "Replicas",
      "Queue",
      "Running batch",
      "Requests by outcome",
      "Request duration (answered requests)",
      "Time per token (mean of a request)",
      "GPU duty cycle by replica (average of its GPUs)",
      "DCGM GPU utilisation by replica (average of its GPUs)",
      "Pods pending",
      "Metrics adapter",
    ]);
    const legends = (title: string) =>
      chart("queue-size", title).xyChart?.dataSets.map(({ legendTemplate }) => legendTemplate);
    assert.deepEqual(legends("Replicas"), ["wanted", "running", "maximum"]);
    assert.deepEqual(legends("Requests by outcome"), ["answered", "refused (429)", `failed: ${LABELS}err}`]);
    assert.deepEqual(legends("Request duration"), ["p50", "p95", "p99"]);
    assert.deepEqual(legends("Time per token"), ["p50", "p95", "p99"]);
    const failed = chart("queue-size", "Requests by outcome").xyChart?.dataSets.map(
      ({ timeSeriesQuery }) => timeSeriesQuery.prometheusQuery,
    );
    assert.match(failed?.[1] ?? "", /err="overloaded"/);
    assert.match(failed?.[2] ?? "", /err!="overloaded"/);
  });

  it("shows DCGM and the adapter only where they are", () => {
    assert.ok(!titles("somebody's cluster").some((title) => title.startsWith("DCGM")));
    assert.ok(!titles("somebody's adapter").includes("Metrics adapter"));
    assert.equal(
      chart("dcgm-gpu-util, our own", "DCGM").xyChart?.dataSets[0]?.legendTemplate,
      `${LABELS}exported_pod}`,
    );
    assert.equal(chart("dcgm-gpu-util, GKE's", "DCGM").xyChart?.dataSets[0]?.legendTemplate, `${LABELS}pod}`);
  });

  it("shows each signal of the HPA with its target and its band", () => {
    const lines = (variant: string, strategy: string) =>
      chart(variant, `Scaling signal: ${strategy}`).xyChart?.thresholds?.map(({ value, label }) => [value, label]);
    assert.deepEqual(lines("queue-size", "queue-size"), [
      [0.55, "scales up above 0.55"],
      [0.5, "target 0.5"],
      [0.45, "scales down below 0.45"],
    ]);
    // 90 % of each of two GPUs.
    assert.deepEqual(lines("two GPUs a replica", "gke-duty-cycle"), [
      [198, "scales up above 198"],
      [180, "target 180"],
      [162, "scales down below 162"],
    ]);
    assert.ok(titles("two GPUs a replica").includes("Scaling signal: gke-duty-cycle per replica, 2 GPUs summed"));
    // Its own tolerances: none up, all the way down.
    assert.deepEqual(lines("a slow behavior", "queue-size"), [
      [0.5, "scales up above 0.5"],
      [0.5, "target 0.5"],
    ]);
    const scaleBehavior = JSON.stringify({ scaleUp: { tolerance: 0.05 }, scaleDown: { tolerance: 0.2 } });
    const own = dashboardDocument(observed({ scaleBehavior, metricTarget: "7.5" })).mosaicLayout.tiles[3];
    assert.deepEqual(
      own?.widget.xyChart?.thresholds?.map(({ value, label, targetAxis }) => [value, label, targetAxis]),
      [
        [7.875, "scales up above 7.875", "Y1"],
        [7.5, "target 7.5", "Y1"],
        [6, "scales down below 6", "Y1"],
      ],
    );
    // Nothing is left of its lower end when it is rounded, and Google drops a zero.
    const tiny = { metricTarget: "0.4", scaleBehavior: JSON.stringify({ scaleDown: { tolerance: 0.999 } }) };
    const [, , , signal] = dashboardDocument(observed(tiny)).mosaicLayout.tiles;
    assert.deepEqual(
      signal?.widget.xyChart?.thresholds?.map(({ value }) => value),
      [0.44, 0.4],
    );
    assert.equal(titles("all four signals").filter((title) => title.startsWith("Scaling signal")).length, 4);
    assert.deepEqual(lines("all four signals", "dcgm-gpu-util")?.[1], [80, "target 80"]);
  });
});

describe("Google's limits on dashboards", () => {
  const tile: Tile = { width: 48, height: 1, widget: { title: "t" } };
  const document = (tiles: readonly Tile[]): DashboardDocument => ({
    displayName: "d",
    mosaicLayout: { columns: 48, tiles },
  });
  for (const [what, within, beyond, said] of [
    ["widgets", document(Array(100).fill(tile)), document(Array(101).fill(tile)), /101 widgets, of at most 100/],
    ["columns", document([tile]), document([{ ...tile, xPos: 1 }]), /"t" ends in column 49 of 48/],
  ] as const) {
    it(`hold for ${what}`, () => {
      assert.deepEqual(exceededLimits(within), []);
      assert.equal(exceededLimits(beyond).length, 1);
      assert.match(exceededLimits(beyond)[0] ?? "", said);
    });
  }
});

describe("What Google drops from a dashboard", () => {
  it("is found wherever it stands", () => {
    for (const dropped of ["", 0, false, null, [], {}]) {
      const tile = { width: 48, height: 8, widget: { title: "t", more: [{ deep: dropped }] } };
      const document: DashboardDocument = { displayName: "d", mosaicLayout: { columns: 48, tiles: [tile] } };
      assert.throws(() => assertNothingDropped(document), /\.mosaicLayout\.tiles\.0\.widget\.more\.0\.deep/);
    }
    const named = { displayName: "d", mosaicLayout: { columns: 48, tiles: [] }, etag: "e" };
    assert.throws(() => assertNothingDropped(named));
  });
});

describe("Google's definition of a dashboard", () => {
  const widget = (fields: object) => ({
    displayName: "d",
    mosaicLayout: { columns: 48, tiles: [{ width: 48, height: 8, widget: { title: "t", ...fields } }] },
  });

  it("is one that a wrong document breaks", () => {
    assert.deepEqual(validateGoogleMessage(DASHBOARD, widget({})), []);
    for (const [fields, said] of [
      [{ titel: "t" }, /titel/],
      [{ title: 3 }, /expected string/],
      [{ xyChart: { dataSets: [{ plotType: "LINES" }] } }, /PlotType/],
      [{ xyChart: {}, text: {} }, /oneof/],
      [
        { xyChart: { dataSets: [{ timeSeriesQuery: { prometheusQuery: "a", timeSeriesQueryLanguage: "b" } }] } },
        /oneof/,
      ],
      [{ scorecard: { thresholds: [{ value: "high" }] } }, /value/],
    ] as const) {
      assert.match(validateGoogleMessage(DASHBOARD, widget(fields))[0] ?? "accepted", said);
    }
  });
});
