import assert from "node:assert/strict";
import type { Dispatcher } from "undici";
import { AnswerStream } from "../../../tools/calibrate/load/answerStream";
import type { Ending } from "../../../tools/calibrate/load/sending";
import { TGI_PROTOCOL } from "../../../tools/calibrate/load/tgiProtocol";
import { tgiEvent, VirtualClock } from "./support";

const HEADERS = { "content-type": "text/event-stream" };

function answer() {
  const seen: { readonly bursts: number[]; readonly endings: Ending[]; readonly tokens: number[]; aborts: number } = {
    ...{ bursts: [], endings: [], tokens: [] },
    aborts: 0,
  };
  const controller: Dispatcher.DispatchController = {
    ...{ aborted: false, paused: false, reason: null, pause: () => {}, resume: () => {} },
    abort: () => {
      seen.aborts += 1;
    },
  };
  let now = 0;
  class Hand extends VirtualClock {
    override now(): number {
      return now;
    }
  }
  const stream = new AnswerStream(
    {
      ...{ where: "http://there", protocol: TGI_PROTOCOL, clock: new Hand() },
      whole: (_tokens, bursts) => {
        seen.bursts.push(bursts);
        return undefined;
      },
    },
    { tokens: (_count, at) => seen.tokens.push(at), ended: (ending) => seen.endings.push(ending) },
  );
  const piece = (at: number, ...tokens: number[]) => {
    now = at;
    stream.onResponseData(controller, Buffer.from(tokens.map((token) => tgiEvent(token, 5, 9)).join("")));
  };
  return { stream, controller, seen, piece };
}

describe("an answer on its way in", () => {
  it("takes tokens that come close together for one burst, in however many pieces", () => {
    const { stream, controller, seen, piece } = answer();
    stream.onRequestStart(controller);
    stream.onResponseStart(controller, 200, HEADERS);
    piece(1, 1, 2);
    piece(1.0005, 3);
    piece(1.02, 4);
    piece(1.04, 5);
    stream.onResponseEnd();
    assert.deepEqual([seen.bursts, seen.tokens], [[3], [1, 1.0005, 1.02, 1.04]]);
    assert.deepEqual(seen.endings, [{ at: 1.04, inputTokens: 9, outputTokens: 5, result: "served" }]);
  });

  it("is cut when it is cancelled, and nothing is heard of it any more", () => {
    const { stream, controller, seen, piece } = answer();
    stream.onRequestStart(controller);
    stream.onResponseStart(controller, 200, HEADERS);
    stream.cancel();
    piece(1, 1, 2, 3, 4, 5);
    stream.onResponseEnd();
    stream.onResponseError(controller, new Error("aborted"));
    assert.deepEqual([seen.aborts, seen.tokens, seen.endings], [1, [], []]);
  });

  it("is cut as soon as it has a connection when it was cancelled before", () => {
    const { stream, controller, seen } = answer();
    stream.cancel();
    assert.equal(seen.aborts, 0);
    stream.onRequestStart(controller);
    assert.equal(seen.aborts, 1);
  });
});
