import assert from "node:assert/strict";
import { ServerLost } from "../../../tools/calibrate/contract";
import { type Answering, answered, open, refused, run } from "./runningStage";
import { closed } from "./support";

describe("a server that dies", () => {
  const gone = { result: "failed", isUnreachable: true, error: "ECONNREFUSED" } as const;

  it("is lost after several requests in a row that found none, not at the first", async () => {
    for (const stage of [closed(2), open(5)]) {
      const dying: Answering = (sink, planned, clock) =>
        (clock.now() < 20 ? answered(2) : refused(gone))(sink, planned, clock);
      const { error, measured, clock } = await run(stage, dying);
      assert.ok(error instanceof ServerLost, String(error));
      assert.match(error.message, /ECONNREFUSED/);
      assert.ok(clock.now() >= 23 && clock.now() < 26, `it takes a few seconds: ${clock.now()}`);
      assert.ok(
        measured.some(({ result }) => result === "served"),
        "what was measured before is there",
      );
    }
  });

  it("is not lost while other requests are answered", async () => {
    let requests = 0;
    const flaky: Answering = (sink, planned, clock) => {
      requests += 1;
      return (requests % 5 === 0 ? answered(2) : refused(gone))(sink, planned, clock);
    };
    assert.equal((await run(closed(1), flaky)).error, undefined);
  });

  it("is not lost while others are refused, or have tokens of answers that take long", async () => {
    let requests = 0;
    const full: Answering = (sink, planned, clock) => {
      requests += 1;
      return refused(requests % 5 === 0 ? { result: "overloaded" } : gone)(sink, planned, clock);
    };
    assert.equal((await run(closed(1), full)).error, undefined);
    let clients = 0;
    const streaming: Answering = (sink, planned, clock) => {
      clients += 1;
      if (clients > 1) refused(gone)(sink, planned, clock);
      else for (let second = 1; second < 90; second += 1) clock.at(second, () => sink.tokens(1, second));
    };
    assert.equal((await run(closed(2), streaming)).error, undefined);
  });

  it("is not lost by a few requests that take long to fail", async () => {
    let requests = 0;
    const slow: Answering = (sink, planned, clock) => {
      requests += 1;
      return (requests < 5 ? answered(10, gone) : answered(2))({ ...sink, tokens: () => {} }, planned, clock);
    };
    assert.equal((await run(closed(1), slow)).error, undefined);
  });

  it("is not lost by requests that come in a moment, however many", async () => {
    const hiccup: Answering = (sink, planned, clock) =>
      (clock.now() > 20 && clock.now() < 22 ? refused(gone) : answered(2))(sink, planned, clock);
    const { error, outcomes } = await run(open(50, { seconds: 15 }), hiccup);
    assert.equal(error, undefined);
    assert.ok(outcomes.filter(({ result }) => result === "failed").length > 50);
  });
});
