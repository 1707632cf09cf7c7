import assert from "node:assert/strict";
import { rooflineStepTimes, type StepTimes } from "../../../autoscaling/roofline";
import type { AcceleratorName } from "../../../catalog/accelerators";
import { MODELS } from "../../../catalog/models";
import { FitError, type Fitted, fitStepTimes } from "../../../tools/calibrate/measure/fit";
import { StepObserver } from "../../../tools/calibrate/measure/stepObserver";
import { chats, VirtualServer, type VirtualServerOptions } from "../../support/virtualServer";

const NAMES = [
  ...(["prefillBaseSeconds", "prefillPerTokenSeconds"] as const),
  ...(["decodeBaseSeconds", "decodePerSequenceSeconds", "decodePerKvTokenSeconds"] as const),
];
const NOISE = { jitter: 0.03, overhead: [0.003, 0.008], spread: 0.002 } as const;
const TIMES = timesOf("google/gemma-2-2b-it", "nvidia-l4", 1);

function timesOf(modelId: string, accelerator: AcceleratorName, gpus: number): StepTimes {
  const model = MODELS.get(modelId) ?? assert.fail(modelId);
  return rooflineStepTimes({ model, accelerator, gpus });
}

/** Fits what a client sees of a server that is put under one number of clients after the other. */
async function fitted(
  options: VirtualServerOptions,
  concurrencies: readonly number[],
  { seconds = 30, seed = 1, lengths = chats(seed) } = {},
): Promise<Fitted> {
  const server = new VirtualServer({ seed, ...options });
  const observer = new StepObserver(seed);
  for (const concurrency of concurrencies) {
    const load = { kind: "closed", concurrency } as const;
    await server.run({ load, warmUpSeconds: 0, seconds, seed }, lengths, observer, new AbortController().signal);
  }
  return fitStepTimes(observer.observations());
}

function* alike(
  inputTokens: number,
  outputTokens: number,
): Generator<{ inputTokens: number; outputTokens: number }, never> {
  for (;;) yield { inputTokens, outputTokens };
}

function assertNear(actual: number, expected: number, share: number, what: string): void {
  assert.ok(Math.abs(actual / expected - 1) <= share, `${what}: ${actual}, not ${expected}`);
}

describe("fitted step times", () => {
  const servers = [
    ["google/gemma-2-2b-it", "nvidia-l4", 1, true, 20],
    ["google/gemma-2-2b-it", "nvidia-tesla-a100", 1, false, 10],
    ["google/gemma-2-27b-it", "nvidia-a100-80gb", 4, true, 30],
  ] as const;
  for (const [modelId, accelerator, gpus, hasMetrics, seconds] of servers) {
    it(`are within a tenth for ${modelId} on ${gpus} × ${accelerator}, ${hasMetrics ? "with" : "without"} metrics`, async () => {
      const times = timesOf(modelId, accelerator, gpus);
      for (const seed of [1, 2]) {
        const { times: found, ...rest } = await fitted({ times, ...NOISE, hasMetrics }, [1, 2, 4, 8, 16, 32, 64], {
          seed,
          seconds,
        });
        for (const name of NAMES) {
          assertNear(found[name], times[name], 0.1, `${name} with seed ${seed}`);
          assert.ok(rest.relativeErrors[name] > 0 && rest.relativeErrors[name] < 0.1, name);
        }
        assert.deepEqual(rest.reasons, []);
        assert.ok(rest.prefillError < 0.04 && rest.decodeError < 0.06);
        // Between 3 and 8 ms, and a millisecond until the client has it.
        if (hasMetrics) assertNear(rest.overheadSeconds, 0.0065, 0.35, "overhead");
      }
    });
  }

  it("are exact without noise", async () => {
    const found = await fitted({ times: TIMES, overhead: [0.005, 0.005] }, [1, 2, 8], { seconds: 20 });
    for (const name of NAMES) assertNear(found.times[name], TIMES[name], 1e-6, name);
    assertNear(found.overheadSeconds, 0.005, 1e-6, "overhead");
    assert.ok(found.prefillError < 1e-6 && found.decodeError < 1e-6);
  });

  it("take the prompts as the server reports them", async () => {
    const promptTokens = (planned: number) => planned * 2;
    const found = await fitted(
      { times: TIMES, promptTokens, maxInputTokens: 8000, maxBatchPrefillTokens: 8000 },
      [1, 2, 8],
      {
        lengths: alike(500, 100),
      },
    );
    const { prefillBaseSeconds, prefillPerTokenSeconds, decodePerKvTokenSeconds } = found.times;
    assertNear(
      prefillBaseSeconds + 1000 * prefillPerTokenSeconds,
      TIMES.prefillBaseSeconds + 1000 * TIMES.prefillPerTokenSeconds,
      0.02,
      "prefill",
    );
    assertNear(decodePerKvTokenSeconds, TIMES.decodePerKvTokenSeconds, 0.02, "decodePerKvTokenSeconds");
  });

  it("say what one number of clients does not tell", async () => {
    const { times, relativeErrors, reasons } = await fitted({ times: TIMES, ...NOISE, hasMetrics: false }, [1]);
    assert.ok(Number.isNaN(relativeErrors.decodePerSequenceSeconds) && Number.isNaN(relativeErrors.decodeBaseSeconds));
    assert.equal(times.decodePerSequenceSeconds, 0);
    assertNear(times.decodeBaseSeconds, TIMES.decodeBaseSeconds + TIMES.decodePerSequenceSeconds, 0.02, "both");
    assert.ok(Number.isNaN(relativeErrors.prefillBaseSeconds));
    assert.match(
      reasons.join("\n"),
      /^prefillBaseSeconds holds the request's overhead, too: the server has no metrics/m,
    );
    assert.match(reasons.join("\n"), /^decodePerSequenceSeconds cannot be told from decodeBaseSeconds/m);
  });

  it("keep overhead out of the prefill with one client, where the server has metrics", async () => {
    const overhead = [0.2, 0.2] as const;
    const { times, overheadSeconds } = await fitted({ times: TIMES, overhead, jitter: 0.01 }, [1], { seconds: 200 });
    assertNear(times.prefillBaseSeconds, TIMES.prefillBaseSeconds, 0.1, "prefillBaseSeconds");
    assertNear(overheadSeconds, 0.2, 0.01, "overhead");
  });

  it("say when all prompts were of one length", async () => {
    const { reasons, relativeErrors } = await fitted({ times: TIMES }, [1], { lengths: alike(600, 50) });
    assert.match(reasons.join("\n"), /prefillBaseSeconds cannot be told from prefillPerTokenSeconds/);
    assert.ok(Number.isNaN(relativeErrors.prefillPerTokenSeconds));
  });

  it("are never negative: what is not there comes out as 0, and is said", async () => {
    const { times, reasons } = await fitted(
      { times: { ...TIMES, prefillBaseSeconds: 0, decodePerSequenceSeconds: 0 }, ...NOISE },
      [1, 4, 16],
    );
    for (const name of NAMES) assert.ok(times[name] >= 0);
    assert.ok(times.prefillBaseSeconds < 0.002 && times.decodePerSequenceSeconds < 3e-5, reasons.join());
  });

  it("use what is left of an idle server's prefills without the overhead that the server tells", () => {
    const decode = [1, 2, 4].map((n) => ({ steps: 1, sequences: n, kvTokens: n * n * 100, seconds: 0.02 + n * 0.001 }));
    const idle = [100, 500, 900].map(
      (tokens) => ({ kind: "idle", prefills: 1, tokens, seconds: 0.21 + tokens * 1e-4 }) as const,
    );
    // The server's own sums are all of one length, and tell the constants apart only together with those.
    const server = [2, 3].map((n) => ({ kind: "server", prefills: n, tokens: n * 500, seconds: n * 0.06 }) as const);
    const { times, overheadSeconds } = fitStepTimes({
      ...{ decode, singleSteps: decode, prefill: [...idle, ...server], overhead: { requests: 2, seconds: 0.4 } },
      ...{
        decodeSteps: 3,
        prefills: 8,
        decodeCheck: undefined,
        largestKvTokens: undefined,
        fullKvTokens: undefined,
        fullKvSource: undefined,
      },
    });
    assertNear(times.prefillBaseSeconds, 0.01, 1e-6, "prefillBaseSeconds");
    assertNear(times.prefillPerTokenSeconds, 1e-4, 1e-6, "prefillPerTokenSeconds");
    assertNear(overheadSeconds, 0.2, 1e-9, "overhead");
  });

  it("need a decode step", () => {
    assert.throws(() => fitStepTimes(new StepObserver().observations()), FitError);
  });
});

describe("the KV cache's size", () => {
  it("is a lower bound, short of it by less than a request", async () => {
    for (const hasMetrics of [true, false]) {
      const { maxBatchTotalTokens = assert.fail("not seen") } = await fitted(
        { times: TIMES, ...NOISE, hasMetrics, maxBatchTotalTokens: 20_000 },
        [8, 32],
      );
      assert.ok(maxBatchTotalTokens <= 20_000 && maxBatchTotalTokens > 18_500, String(maxBatchTotalTokens));
    }
  });

  it("is not known where requests waited for their turn only", async () => {
    const { maxBatchTotalTokens } = await fitted({ times: TIMES, ...NOISE }, [4, 32]);
    assert.equal(maxBatchTotalTokens, undefined);
  });
});
