import type { Experiment, Lengths, Load, Source } from "./point";
import { vllm } from "./servers";
import { A100_40, A100_80, type Gpu, L4, LLAMA_3_8B, LLAMA_3_70B, type MeasuredModel, QWEN_HALF_B } from "./shapes";

interface Lines {
  readonly input: Lengths;
  readonly output: Lengths;
}

/** Prompts: quantiles of its data sets; outputs: means of the results, under the suites' caps of 512 and 256. */
const CHATS: Lines = { input: { mean: 240, spread: 0.9 }, output: { mean: 345, spread: 0.48 } };
const SHORT_CHATS: Lines = { input: { mean: 70, spread: 0.8 }, output: { mean: 209, spread: 0.22 } };

const ALONE: Load = { kind: "closed", clients: 1 };

function closed(clients: number): Load {
  return { kind: "closed", clients };
}

function open(perSecond: number): Load {
  return { kind: "open", perSecond, requests: 300 };
}

type Row = readonly [load: Load, measured: Experiment["measured"], fitted?: Experiment["fitted"]];

function experiments(gpu: Gpu, gpus: number, model: MeasuredModel, lines: Lines, rows: readonly Row[]): Experiment[] {
  const limits = vllm(gpu, gpus, model, lines.input, lines.output);
  return rows.map(([load, measured, fitted = []]) => ({
    ...{ gpu, gpus, model, server: "vLLM 0.7.3", limits, load, ...lines, measured, fitted },
  }));
}

export const ACCELMARK: Source = {
  title: "AccelMark",
  origin:
    "github.com/FreedomIntelligence/AccelMark, commit 5797fc4, results/verified: suites A, B, E and F with vLLM 0.7.3",
  statistic: "median",
  remarks: [
    "Measured inside vLLM's process. It hands a token out when the next step has begun, which the model does not do, and a prompt of 200 tokens is not yet bound by compute: times to first token are longer than predicted, most of all on the L4.",
    "The machine of the A100-80 has a slow host: with the same Qwen2.5-0.5B, alone, its time to first token is 29 ms against 16 ms on the A100-40. A model that small spends its time on the host, so that the prediction, made with the A100-40's, is far off; Llama-3-8B's is not.",
    "At 25 requests a second and more, and at 5 on an L4, the server is overloaded: what it shows then depends on how much of 300 requests has come by when.",
    "Llama-3-70B on eight GPUs: nobody had published an efficiency of eight GPUs, so that the catalogue extrapolates those of two and four, which were measured with a model so small that fixed costs eat the gain. A large model gains more. No Gemma is that large.",
    "Left out: the same suites with vLLM 0.20.1, a 2026 engine that is up to half as fast again, and suite D (prompts of 28,000 tokens, where attention's quadratic cost counts; our limits end at 8,192).",
  ],
  experiments: [
    ...experiments(L4, 1, LLAMA_3_8B, CHATS, [
      [ALONE, { ttftMs: 161.6, tpotMs: 61.2 }, ["ttftMs", "tpotMs"]],
      [closed(8), { ttftMs: 201.4, tokensPerSecond: 116.6 }],
      [{ kind: "burst", requests: 100 }, { tokensPerSecond: 365 }],
      [open(5), { ttftMs: 41_177, tpotMs: 118.7 }],
    ]),
    ...experiments(L4, 1, QWEN_HALF_B, SHORT_CHATS, [
      [ALONE, { ttftMs: 23.4, tpotMs: 6.03 }, ["tpotMs"]],
      [closed(32), { ttftMs: 27.3, tokensPerSecond: 2837 }],
      [{ kind: "burst", requests: 200 }, { tokensPerSecond: 7155 }],
      [open(10), { ttftMs: 28.4, tpotMs: 8.85 }],
      [open(40), { ttftMs: 43.3, tpotMs: 37.8 }],
    ]),
    ...experiments(A100_40, 1, LLAMA_3_8B, CHATS, [
      [ALONE, { ttftMs: 39.8, tpotMs: 14.27 }, ["ttftMs", "tpotMs"]],
      [closed(8), { ttftMs: 45.8, tokensPerSecond: 484 }],
      [{ kind: "burst", requests: 100 }, { tokensPerSecond: 2415 }],
      [open(5), { ttftMs: 57.9, tpotMs: 24.26 }],
      [open(25), { ttftMs: 92.3, tpotMs: 60.31 }],
    ]),
    ...experiments(A100_40, 1, QWEN_HALF_B, SHORT_CHATS, [
      [ALONE, { ttftMs: 16, tpotMs: 3.15 }, ["ttftMs", "tpotMs"]],
      [closed(32), { ttftMs: 20, tokensPerSecond: 3973 }, ["tokensPerSecond"]],
      [{ kind: "burst", requests: 200 }, { tokensPerSecond: 10_525 }],
      [open(10), { ttftMs: 18.7, tpotMs: 4.71 }],
      [open(40), { ttftMs: 33.8, tpotMs: 32.19 }],
    ]),
    ...experiments(A100_80, 1, LLAMA_3_8B, CHATS, [
      [ALONE, { ttftMs: 46.5, tpotMs: 13.19 }, ["ttftMs", "tpotMs"]],
      [closed(8), { ttftMs: 42.8, tokensPerSecond: 551.9 }],
      [{ kind: "burst", requests: 100 }, { tokensPerSecond: 2697 }],
      [open(5), { ttftMs: 55.4, tpotMs: 21.7 }],
      [open(25), { ttftMs: 105.7, tpotMs: 68.9 }],
    ]),
    ...experiments(A100_80, 1, QWEN_HALF_B, SHORT_CHATS, [
      [ALONE, { ttftMs: 28.9, tpotMs: 3.83 }, ["tpotMs"]],
      [closed(32), { ttftMs: 37.1, tokensPerSecond: 2387 }],
      [{ kind: "burst", requests: 200 }, { tokensPerSecond: 10_941 }],
      [open(10), { ttftMs: 23.1, tpotMs: 5.98 }],
      [open(40), { ttftMs: 68.4, tpotMs: 65 }],
    ]),
    ...[1, 2, 4, 8].flatMap((gpus, i) =>
      experiments(A100_40, gpus, LLAMA_3_8B, CHATS, [
        [
          { kind: "burst", requests: 150 },
          { tokensPerSecond: [2995, 4345, 5642, 6630][i] ?? Number.NaN },
          gpus === 2 || gpus === 4 ? ["tokensPerSecond"] : [],
        ],
      ]),
    ),
    ...experiments(A100_40, 8, LLAMA_3_70B, CHATS, [
      [ALONE, { ttftMs: 81.7, tpotMs: 20.93 }],
      [closed(4), { ttftMs: 104.7, tokensPerSecond: 164.3 }],
    ]),
  ],
};
