import assert from "node:assert/strict";
import { replay } from "../../tools/vectors/replay";
import { parseTimeline } from "../../tools/vectors/timeline";

describe("A made-up timeline", () => {
  const target = { type: "AverageValue", averageValue: "10" };
  const metrics = [{ type: "Pods", pods: { metric: { name: "queue" }, target } }];
  const external = [{ type: "External", external: { metric: { name: "duty" }, target } }];
  const of = (
    hpa: object,
    moments: readonly (readonly [number, number | null, number, number])[],
    flags: string[] = [],
  ) =>
    parseTimeline({
      version: 1,
      controllerFlags: flags,
      hpa: { maxReplicas: 5, metrics, ...hpa },
      moments: moments.map(([at, average, current, wanted]) => ({
        at,
        metrics: [average],
        current,
        wanted,
        ready: current,
      })),
    });

  it("keeps what was wanted while the metric fails", () => {
    assert.deepEqual(
      replay(
        of({}, [
          [0, null, 2, 2],
          [15_000, 10, 2, 2],
          [30_000, null, 2, 2],
        ]),
      ),
      [],
    );
    const [difference] = replay(
      of({}, [
        [0, 10, 2, 2],
        [15_000, null, 2, 3],
      ]),
    );
    assert.equal(difference?.got, "2");
  });

  it("goes back to the bounds without a metric", () => {
    assert.deepEqual(
      replay(
        of({}, [
          [0, null, 7, 5],
          [15_000, null, 5, 5],
        ]),
      ),
      [],
    );
    assert.deepEqual(replay(of({ minReplicas: 2 }, [[0, null, 1, 2]])), []);
    assert.equal(
      replay(
        of({}, [
          [0, 10, 5, 5],
          [15_000, null, 7, 6],
        ]),
      )[0]?.got,
      "5",
    );
  });

  it("has the windows and policies of the behavior", () => {
    const policies = [{ type: "Pods", value: 1, periodSeconds: 60 }];
    const behavior = { scaleDown: { stabilizationWindowSeconds: 0, policies } };
    const moments = (second: number) =>
      [
        [0, 10, 5, 5],
        [15_000, 1, 5, 4],
        [15_000 + second, 1, 4, 3],
      ] as const;
    assert.deepEqual(replay(of({ behavior }, moments(60_000))), []);
    assert.equal(replay(of({ behavior }, moments(15_000)))[0]?.got, "4");
    const window = { scaleUp: { stabilizationWindowSeconds: 60 } };
    const up = (at: number) =>
      [
        [0, 10, 1, 1],
        [15_000, 30, 1, 1],
        [at, 30, 1, 3],
      ] as const;
    assert.deepEqual(replay(of({ behavior: window }, up(75_000))), []);
    assert.equal(replay(of({ behavior: window }, up(30_000)))[0]?.got, "1");
  });

  it("has the tolerance of the behavior", () => {
    const behavior = { scaleUp: { tolerance: "0.5" } };
    assert.deepEqual(replay(of({ behavior }, [[0, 14, 1, 1]])), []);
    assert.equal(replay(of({}, [[0, 14, 1, 1]]))[0]?.got, "2");
  });

  it("has a sum that the average was cut off from, for Pods", () => {
    // 600.002 over 3 pods shows as 200.000; over them and 10 pending ones it is 46.154, which makes 61 replicas of it.
    const behavior = { scaleUp: { policies: [{ type: "Pods", value: 100, periodSeconds: 15 }] } };
    assert.deepEqual(replay(of({ maxReplicas: 100, behavior }, [[0, 200, 13, 61]])), []);
    assert.notDeepEqual(replay(of({ maxReplicas: 100, behavior }, [[0, 200, 13, 62]])), []);
  });

  it("has a sum that the average was rounded up from, for External", () => {
    // 13.334 for 3 replicas comes of 40.000 as well as of 40.002.
    const moment = (wanted: number) => of({ metrics: external }, [[0, 13.334, 3, wanted]]);
    assert.deepEqual(replay(moment(4)), []);
    assert.deepEqual(replay(moment(5)), []);
    assert.equal(replay(moment(3))[0]?.got, "4 or 5");
  });

  it("remembers the proposals only that explain what was wanted", () => {
    // 28 on one or two of two pods proposes 3 or 6; as 3 was wanted, 6 is not what keeps it from going down.
    assert.deepEqual(
      replay(
        of({ maxReplicas: 10 }, [
          [0, 28, 2, 3],
          [15_000, 10, 3, 4],
        ]),
      ).map(({ got }) => got),
      ["3"],
    );
  });

  it("has no window where the behavior has none, however short the time", () => {
    const behavior = { scaleDown: { stabilizationWindowSeconds: 0 } };
    const moments = [
      [0, 10, 5, 5],
      [14_000, 1, 5, 5],
    ] as const;
    assert.equal(replay(of({ metrics: external, behavior }, moments))[0]?.got, "1");
    assert.deepEqual(replay(of({ metrics: external }, moments)), []);
  });

  it("takes the largest of several metrics", () => {
    const both = (wanted: number) =>
      parseTimeline({
        version: 1,
        controllerFlags: [],
        hpa: { maxReplicas: 5, metrics: [...metrics, ...external] },
        moments: [{ at: 0, metrics: [10, 30], current: 1, wanted, ready: 1 }],
      });
    assert.deepEqual(replay(both(3)), []);
    assert.equal(replay(both(1))[0]?.got, "3");
  });

  it("has durations as Go writes them", () => {
    const flag = "--horizontal-pod-autoscaler-downscale-stabilization=";
    const moments = [
      [0, 50, 5, 5],
      [100_000, 0, 5, 5],
      [175_000, 0, 5, 1],
    ] as const;
    const sync = "--horizontal-pod-autoscaler-sync-period=";
    for (const window of ["1m30s", "90s", "1.5m", "90000ms"]) {
      assert.deepEqual(replay(of({}, moments, [flag + window, `${sync}15s`])), [], window);
    }
    assert.notDeepEqual(replay(of({}, moments, [`${flag}0.05h`, `${sync}15s`])), []);
    assert.throws(() => replay(of({}, moments, [`${flag}soon`])), {
      message: "controllerFlags: soon is not a duration",
    });
  });

  const refused: readonly (readonly [string, object, RegExp])[] = [
    ["another version", { version: 2 }, /^version: /],
    ["no moment", { moments: [] }, /^moments: must have at least one moment$/],
    [
      "a metric that the HPA has not",
      { moments: [{ at: 0, metrics: [1, 2], current: 1, wanted: 1 }] },
      /^moments\.0\.metrics: must be one for each metric/,
    ],
    ["a metric that we do not know", { hpa: { maxReplicas: 5, metrics: [{ type: "Resource" }] } }, /^hpa\.metrics\.0/],
    [
      "an unreadable target",
      {
        hpa: {
          maxReplicas: 5,
          metrics: [
            { type: "Pods", pods: { metric: { name: "q" }, target: { type: "AverageValue", averageValue: "ten" } } },
          ],
        },
      },
      /averageValue/,
    ],
  ];
  for (const [what, change, message] of refused) {
    it(`is refused with ${what}`, () => {
      const good = {
        version: 1,
        controllerFlags: [],
        hpa: { maxReplicas: 5, metrics },
        moments: [{ at: 0, metrics: [10], current: 1, wanted: 1 }],
      };
      assert.deepEqual(replay(parseTimeline(good)), []);
      assert.throws(() => parseTimeline({ ...good, ...change }), { message });
    });
  }
});
