import assert from "node:assert/strict";
import { StepObserver } from "../../../tools/calibrate/measure/stepObserver";

const PLANNED = { inputTokens: 100, outputTokens: 50 };

function ended(id: number, at: number, inputTokens: number | undefined = 100) {
  const tokens = { inputTokens, outputTokens: 50, firstTokenAt: 0, lastTokenAt: at };
  return {
    id,
    isMeasured: true,
    planned: PLANNED,
    intendedAt: 0,
    sentAt: 0,
    endedAt: at,
    result: "served" as const,
    ...tokens,
  };
}

describe("what is read off the tokens", () => {
  it("are decode steps with their sequences and contexts, and the prefill that came between", () => {
    const it = new StepObserver();
    it.sent(1, PLANNED, 0);
    for (const at of [1, 1.1, 1.2]) it.tokens(1, 1, at);
    it.sent(2, PLANNED, 1.15);
    // The prefill of the second takes 0.5; then both decode, the second a millisecond after the first.
    it.tokens(2, 1, 1.7);
    for (const at of [1.9, 2.1])
      for (const [id, later] of [
        [1, 0],
        [2, 0.001],
      ] as const)
        it.tokens(id, 1, at + later);
    it.ended(ended(1, 2.2));
    it.ended(ended(2, 2.2));
    const { singleSteps, prefill, decodeSteps, prefills } = it.observations();
    const steps = singleSteps.map(({ sequences, kvTokens, seconds }) => [
      sequences,
      kvTokens,
      Number(seconds.toFixed(4)),
    ]);
    // Contexts: the prompt and the tokens so far.
    assert.deepEqual(steps, [
      [1, 101, 0.1],
      [1, 102, 0.1],
      [2, 103 + 101, 0.2005],
      [2, 104 + 102, 0.2],
    ]);
    assert.deepEqual([decodeSteps, prefills], [4, 2]);
    assert.deepEqual(
      prefill.map(({ kind, tokens, seconds }) => [kind, tokens, Number(seconds.toFixed(4))]),
      [
        ["joining", 100, 0.5],
        ["idle", 100, 1],
      ],
    );
  });

  it("is no prefill of a server that was idle in between", () => {
    const it = new StepObserver();
    for (const [id, at] of [
      [1, 0],
      [2, 10],
    ] as const) {
      it.sent(id, PLANNED, at);
      it.tokens(id, 1, at + 1);
      it.tokens(id, 1, at + 1.1);
      it.ended(ended(id, at + 1.1));
    }
    const { prefill, singleSteps } = it.observations();
    assert.deepEqual(
      prefill.map(({ kind }) => kind),
      ["idle", "idle"],
    );
    assert.deepEqual(
      singleSteps.map(({ seconds }) => Number(seconds.toFixed(3))),
      [0.1, 0.1],
    );
  });

  it("is one prefill where first tokens come together, and not an idle server's", () => {
    const it = new StepObserver();
    it.sent(1, PLANNED, 0);
    it.sent(2, PLANNED, 0.001);
    it.tokens(1, 1, 1);
    it.tokens(2, 1, 1.002);
    for (const id of [1, 2]) it.ended(ended(id, 1.1));
    assert.deepEqual([it.observations().prefills, it.observations().prefill], [1, []]);
  });

  it("takes tokens that come in one piece for several steps, of which only the last has a time", () => {
    const it = new StepObserver();
    it.sent(1, PLANNED, 0);
    it.tokens(1, 1, 1);
    it.tokens(1, 2, 1.2);
    it.tokens(1, 1, 1.3);
    it.ended(ended(1, 1.3));
    const { singleSteps, decodeSteps } = it.observations();
    assert.equal(decodeSteps, 3);
    assert.deepEqual(
      singleSteps.map(({ seconds }) => Number(seconds.toFixed(3))),
      [0.1],
    );
  });

  it("goes on after a stream has fallen behind", () => {
    const it = new StepObserver();
    for (const id of [1, 2]) it.sent(id, PLANNED, 0);
    for (const id of [1, 2]) it.tokens(id, 1, 1);
    for (let step = 1; step <= 40; step += 1) {
      it.tokens(1, 1, 1 + step / 10);
      // The second is silent for ten steps.
      if (step <= 10 || step > 20) it.tokens(2, 1, 1 + step / 10);
    }
    for (const id of [1, 2]) it.ended(ended(id, 6));
    const both = it.observations().singleSteps.filter(({ sequences }) => sequences === 2);
    assert.ok(both.length >= 25, `${both.length} steps of both`);
    for (const { seconds } of both) assert.ok(Math.abs(seconds - 0.1) < 1e-9);
  });

  it("counts prompts by the ratio that the server reported", () => {
    const it = new StepObserver();
    it.sent(1, PLANNED, 0);
    it.tokens(1, 1, 1);
    it.ended(ended(1, 1, 150));
    it.sent(2, PLANNED, 2);
    it.tokens(2, 1, 3);
    it.tokens(2, 1, 3.1);
    it.ended(ended(2, 3.1, 150));
    assert.deepEqual(
      it.observations().singleSteps.map(({ kvTokens }) => kvTokens),
      [151],
    );
  });

  it("keeps no more of a long run than of a short one", () => {
    const it = new StepObserver();
    it.sent(1, PLANNED, 0);
    for (let step = 0; step < 50_000; step += 1) it.tokens(1, 1, 1 + step / 100);
    it.ended(ended(1, 600));
    const { decode, singleSteps, decodeSteps } = it.observations();
    assert.deepEqual([decode.length, singleSteps.length, decodeSteps], [4096, 4096, 49_999]);
  });

  it("does not know requests that it has not seen begin", () => {
    const it = new StepObserver();
    it.tokens(9, 1, 1);
    it.ended(ended(9, 2));
    assert.equal(it.observations().prefills, 0);
  });
});

describe("a KV cache that looks full", () => {
  const LENGTHS = { inputTokens: 100, outputTokens: 400 };
  const STEP = 0.02;
  /** What one request reserves. */
  const ONE = 100 + 400 - 1;

  /** One request that decodes, sixty steps long, and then another that is sent. */
  function decoding() {
    const observer = new StepObserver();
    observer.sent(1, LENGTHS, 0);
    let at = 0.1;
    observer.tokens(1, 1, at);
    const step = (count: number, ids: readonly number[], seconds = STEP) => {
      for (let done = 0; done < count; done += 1) {
        at += seconds;
        for (const id of ids) observer.tokens(id, 1, at);
      }
    };
    step(60, [1]);
    observer.sent(2, LENGTHS, at);
    const first = (id: number) => {
      at += 0.05;
      observer.tokens(id, 1, at);
    };
    return { observer, step, first, now: () => at };
  }

  it("is one that lets a request wait for many steps", () => {
    const { observer, step, first } = decoding();
    step(30, [1]);
    first(2);
    assert.equal(observer.observations().fullKvTokens, ONE);
  });

  it("is none where the steps only came late, in a burst, when nobody had read them", () => {
    const { observer, step, first } = decoding();
    step(30, [1], 0.0001);
    first(2);
    assert.equal(observer.observations().fullKvTokens, undefined);
  });

  it("is none where it held one request more another time: something else had that one wait", () => {
    const { observer, step, first, now } = decoding();
    step(30, [1]);
    first(2);
    step(5, [1, 2]);
    assert.equal(observer.observations().fullKvTokens, undefined);
    observer.sent(3, LENGTHS, now());
    first(3);
    step(30, [1, 2, 3]);
    observer.sent(4, LENGTHS, now());
    step(30, [1, 2, 3]);
    assert.equal(observer.observations().fullKvTokens, 3 * ONE, "it was full again, and with more");
  });
});
