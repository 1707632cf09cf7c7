import assert from "node:assert/strict";
import { BufferingWatch } from "../../../tools/calibrate/load/buffering";

function watch(answers: readonly (readonly [tokens: number, bursts: number])[]) {
  const it = new BufferingWatch();
  return answers.map(([tokens, bursts]) => it.answered("http://there", tokens, bursts)?.code);
}

describe("a stream that is held back on its way", () => {
  it("is noticed with the third long answer in a row that came in bursts", () => {
    assert.deepEqual(
      watch([
        [64, 1],
        [64, 4],
        [48, 2],
      ]),
      [undefined, undefined, "buffered-stream"],
    );
  });

  it("is not one that came token by token in between", () => {
    assert.deepEqual(
      watch([
        [64, 1],
        [64, 1],
        [64, 64],
        [64, 1],
        [64, 1],
      ]),
      Array(5).fill(undefined),
    );
  });

  it("is not one of a server that speculates, nor of one that was late for a moment", () => {
    assert.deepEqual(watch(Array(5).fill([64, 16])), Array(5).fill(undefined));
    assert.deepEqual(watch(Array(5).fill([64, 5])), Array(5).fill(undefined));
  });

  it("is not to be told from short answers, which neither count nor interrupt", () => {
    assert.deepEqual(watch(Array(9).fill([31, 1])), Array(9).fill(undefined));
    assert.deepEqual(
      watch([
        [64, 1],
        [64, 1],
        [8, 8],
        [64, 1],
      ]).at(-1),
      "buffered-stream",
    );
  });
});
