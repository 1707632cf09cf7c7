import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { replay } from "../../tools/vectors/replay";
import { type Moment, parseTimeline, type Timeline } from "../../tools/vectors/timeline";

const FOLDER = join(__dirname, "../fixtures/timelines");
const recorded = (name: string) => parseTimeline(JSON.parse(readFileSync(join(FOLDER, `${name}.json`), "utf8")));
const names = readdirSync(FOLDER)
  .filter((file) => file.endsWith(".json"))
  .map((file) => file.slice(0, -".json".length));

/** The timeline with some of its moments changed. */
function changed(timeline: Timeline, change: (moment: Moment, index: number) => Partial<Moment>): Timeline {
  const moments = timeline.moments.map((moment, index) => ({ ...moment, ...change(moment, index) }));
  return { ...timeline, moments };
}

describe("The HPA arithmetic agrees with what the real controller did", () => {
  it("in each of the recorded timelines", () => assert.ok(names.length >= 4));

  for (const name of names) {
    it(`in ${name}`, () => {
      const timeline = recorded(name);
      assert.ok(timeline.moments.some(({ current, wanted }) => wanted > current && current > 0));
      assert.ok(timeline.moments.some(({ current, wanted }) => wanted > 0 && wanted < current));
      assert.deepEqual(replay(timeline), []);
    });
  }
});

describe("A timeline is refuted", () => {
  const differing = (timeline: Timeline) => replay(timeline).map(({ field }) => /moments\[(\d+)\]/.exec(field)?.[1]);

  it("where too few replicas were wanted", () => {
    const timeline = recorded("dcgm-gpu-util-60-self-managed");
    const index = timeline.moments.findIndex(({ wanted }) => wanted === 5);
    const [difference] = replay(changed(timeline, (_, at) => (at === index ? { wanted: 4 } : {})));
    assert.deepEqual(difference, { field: `moments[${index}].wanted (at 26004 ms)`, expected: "4", got: "5" });
  });

  it("where too many were wanted", () => {
    const timeline = recorded("queue-size-10");
    const index = timeline.moments.findIndex(({ wanted }) => wanted === 3);
    assert.deepEqual(differing(changed(timeline, (_, at) => (at === index ? { wanted: 4 } : {}))), [String(index)]);
  });

  it("where the target was another", () => {
    for (const name of names) {
      const text = readFileSync(join(FOLDER, `${name}.json`), "utf8");
      const other = text.replace(/"averageValue": "\d+"/, '"averageValue": "500"');
      assert.notEqual(other, text);
      assert.notDeepEqual(replay(parseTimeline(JSON.parse(other))), [], name);
    }
  });

  it("where the maximum was another", () => {
    for (const name of names) {
      const timeline = recorded(name);
      assert.notDeepEqual(replay({ ...timeline, hpa: { ...timeline.hpa, maxReplicas: 4 } }), [], name);
    }
  });

  it("where it scaled down before the window's end", () => {
    for (const name of names) {
      const timeline = recorded(name);
      const down = timeline.moments.findIndex(({ current, wanted }) => wanted > 0 && wanted < current);
      const early = changed(timeline, ({ at }, index) => (index >= down ? { at: at - 2500 } : {}));
      assert.notDeepEqual(replay(early), [], name);
    }
  });

  it("where it scaled down long after the window's end", () => {
    for (const name of names) {
      const timeline = recorded(name);
      const down = timeline.moments.findIndex(({ current, wanted }) => wanted > 0 && wanted < current);
      const late = changed(timeline, ({ at }, index) => (index >= down ? { at: at + 2500 } : {}));
      assert.notDeepEqual(replay(late), [], name);
      assert.deepEqual(replay(late, 3000), [], `${name}, with room for syncs that are late`);
    }
  });

  it("where it is wrong, also with room for syncs that are late", () => {
    const timeline = recorded("queue-size-10");
    const index = timeline.moments.findIndex(({ wanted }) => wanted === 3);
    const wrong = changed(timeline, (_, at) => (at === index ? { wanted: 4 } : {}));
    assert.notDeepEqual(replay(wrong, 3000), []);
  });

  it("where the flag for the window was another", () => {
    for (const seconds of [10, 20]) {
      const timeline = recorded("batch-size-20");
      const controllerFlags = timeline.controllerFlags.map((flag) =>
        flag.replace("stabilization=15s", `stabilization=${seconds}s`),
      );
      assert.notDeepEqual(replay({ ...timeline, controllerFlags }), []);
    }
  });
});
