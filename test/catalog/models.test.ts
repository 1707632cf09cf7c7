import assert from "node:assert/strict";
import { MODELS, TYPICAL_CHAT } from "../../catalog/models";

type ModelRow = readonly [
  ids: readonly string[],
  weightsGb: number,
  parametersB: number,
  kvBytesPerToken: number,
  attentionHeads: number,
  keyValueHeads: number,
  cpu: number,
  memoryGib: number,
  diskGib: number,
];

const ROWS: readonly ModelRow[] = [
  [["google/gemma-2b", "google/gemma-2b-it"], 5, 2.506, 18_432, 8, 1, 2, 7, 20],
  [["google/gemma-1.1-2b-it"], 5, 2.506, 18_432, 8, 1, 2, 7, 10],
  [
    ["google/gemma-7b", "google/gemma-7b-it", "google/gemma-1.1-7b-it"],
    ...([17.1, 8.538, 458_752, 16, 16, 2, 25, 40] as const),
  ],
  [["google/gemma-2-2b", "google/gemma-2-2b-it"], 5.2, 2.614, 106_496, 8, 4, 2, 10, 10],
  [["google/gemma-2-9b", "google/gemma-2-9b-it"], 18.5, 9.242, 344_064, 16, 8, 4, 30, 30],
  [["google/gemma-2-27b", "google/gemma-2-27b-it"], 54.5, 27.227, 376_832, 32, 16, 10, 80, 80],
];

describe("models", () => {
  for (const [ids, weightsGb, parametersB, kvBytesPerToken, attentionHeads, keyValueHeads, ...server] of ROWS) {
    for (const id of ids) {
      it(`${id} has Gemma's shape and the resources of Google's sample`, () => {
        assert.deepEqual(MODELS.get(id), {
          contextTokens: 8192,
          vocabulary: 256_000,
          weightsGb,
          parametersB,
          kvBytesPerToken,
          attentionHeads,
          keyValueHeads,
          serverCpu: server[0],
          serverMemoryGib: server[1],
          serverDiskGib: server[2],
        });
      });
    }
  }

  it("are those twelve and no others: Gemma 3 needs a newer server", () => {
    assert.equal(MODELS.size, 12);
    assert.deepEqual([...MODELS.keys()].sort(), ROWS.flatMap(([ids]) => ids).sort());
    assert.equal(MODELS.get("google/gemma-3-4b-it"), undefined);
  });

  const shapes = [
    ["google/gemma-2b", 18, 1, 256],
    ["google/gemma-7b", 28, 16, 256],
    ["google/gemma-2-2b", 26, 4, 256],
    ["google/gemma-2-9b", 42, 8, 256],
    ["google/gemma-2-27b", 46, 16, 128],
  ] as const;
  for (const [id, layers, keyValueHeads, headDim] of shapes) {
    it(`${id} caches a key and a value of two bytes in each of its ${layers} layers`, () => {
      assert.equal(MODELS.get(id)?.kvBytesPerToken, 2 * 2 * layers * keyValueHeads * headDim);
    });
  }

  it("have weights of two bytes a parameter", () => {
    for (const [id, { weightsGb, parametersB }] of MODELS) {
      assert.ok(Math.abs(weightsGb - 2 * parametersB) < 0.06, id);
    }
  });

  it("serve a typical chat of 1,155 tokens in and 211 out, as Azure's conversation trace has it", () => {
    assert.deepEqual(TYPICAL_CHAT, { inputTokens: 1155, outputTokens: 211 });
  });
});
