import assert from "node:assert/strict";
import { type CampaignState, measure } from "../../tools/calibrate/campaign";
import { chats, VirtualServer } from "../support/virtualServer";

describe("a campaign's progress", () => {
  it("counts to its last stage, and the time down", async () => {
    const states: CampaignState[] = [];
    const times = {
      ...{ prefillBaseSeconds: 0.01, prefillPerTokenSeconds: 0.0001 },
      ...{ decodeBaseSeconds: 0.02, decodePerSequenceSeconds: 0.0002, decodePerKvTokenSeconds: 1e-7 },
    };
    const server = new VirtualServer({ times });
    await measure({
      ...{ server, ladder: { stepSeconds: 10, repetitions: 2, maxConcurrency: 16, seed: 1 } },
      ...{ slo: { ttftSeconds: 2, tpotSeconds: 0.1 }, lengths: chats, now: () => server.now, epochOffset: 0 },
      heard: (state) => states.push(state),
      signal: new AbortController().signal,
    });
    // Five doublings, two halvings, four rates twice, of 15 s: 225 s, if answers took no time.
    assert.ok((states[0]?.secondsLeft ?? 0) > 2 * 225, `${states[0]?.secondsLeft} s left`);
    const ends = states.filter(({ finished }) => finished !== undefined);
    assert.deepEqual(
      ends.map(({ stage }) => stage),
      Array.from({ length: ends.length }, (_, index) => index + 1),
    );
    const last = ends.at(-1) ?? assert.fail();
    assert.equal(last.stages, ends.length);
    for (const { stage, stages } of states) assert.ok(stage <= stages, `${stage} of ${stages}`);
    for (const [index, { secondsLeft }] of states.entries()) {
      const before = states[index - 1];
      if (before?.next.stage === states[index]?.next.stage) assert.ok(secondsLeft <= (before?.secondsLeft ?? 0));
    }
    assert.ok(last.secondsLeft < 1, `${last.secondsLeft} s left`);
  });
});
