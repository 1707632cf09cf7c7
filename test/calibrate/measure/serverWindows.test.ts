import assert from "node:assert/strict";
import type { PrefillSpan } from "../../../tools/calibrate/measure/observations";
import { ServerWindows } from "../../../tools/calibrate/measure/serverWindows";

describe("the server's sums", () => {
  /** Counts of the server, and of the client, at each scrape: a tenth of a second and 100 tokens a prefill. */
  function windowsOf(scrapes: readonly (readonly [server: number, client: number])[]) {
    const spans: PrefillSpan[] = [];
    const windows = new ServerWindows((span) => spans.push(span));
    for (const [at, [server, client]] of scrapes.entries()) {
      const decode = { sum: server, count: 10 * server };
      const idle = { idle: client, idleSeconds: 0.15 * client };
      const seen = {
        prefills: client,
        promptTokens: 100 * client,
        ...idle,
        decodeSteps: 9 * client,
        sequences: 0,
        kvTokens: 0,
      };
      windows.sample({ at, prefill: { sum: server / 10, count: server }, decode }, seen);
    }
    const short = spans.map(({ prefills, tokens, seconds }) => [prefills, tokens, Number(seconds.toFixed(6))]);
    return { short, windows };
  }

  it("count for the prefills that the client saw, once both have seen as many", () => {
    // The server counts from before the client came.
    assert.deepEqual(
      windowsOf([
        [100, 0],
        [101, 1],
        [101, 1],
        [104, 3],
        [105, 5],
      ]).short,
      [
        [1, 100, 0.1],
        [4, 400, 0.4],
      ],
    );
  });

  it("begin anew where somebody else's prefills came between", () => {
    const foreign = Array.from({ length: 16 }, (_, index) => [4 + index, 1 + index] as const);
    assert.deepEqual(windowsOf([[0, 0], ...foreign, [20, 17]]).short, [[1, 100, 0.1]]);
  });

  it("begin anew with a server that was started anew", () => {
    assert.deepEqual(
      windowsOf([
        [50, 0],
        [2, 4],
        [3, 5],
      ]).short,
      [[1, 100, 0.1]],
    );
  });

  it("tell a request's overhead, and the decode steps of both", () => {
    const { windows } = windowsOf([
      [0, 0],
      [2, 2],
      [4, 4],
    ]);
    const { requests, seconds } = windows.overhead ?? assert.fail();
    assert.equal(requests, 4);
    assert.ok(Math.abs(seconds - 4 * 0.05) < 1e-9);
    const { serverSteps, steps } = windows.decodeCheck ?? assert.fail();
    assert.deepEqual([serverSteps, steps], [40, 36]);
  });

  it("are none where the server says nothing", () => {
    const windows = new ServerWindows(() => assert.fail());
    const seen = { prefills: 0, promptTokens: 0, idle: 0, idleSeconds: 0, decodeSteps: 0, sequences: 0, kvTokens: 0 };
    windows.sample({ at: 1 }, seen);
    assert.deepEqual([windows.overhead, windows.decodeCheck], [undefined, undefined]);
  });
});
