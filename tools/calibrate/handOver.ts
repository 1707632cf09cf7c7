import { readFileSync } from "node:fs";
import { join } from "node:path";
import { mean } from "d3-array";
import { buildSync } from "esbuild";
import { stringify } from "yaml";
import { decodeSeconds, prefillSeconds, rooflineStepTimes } from "../../autoscaling/roofline";
import type { StackConfig } from "../../config/stackConfig";
import type { LoadedStack } from "../plan/load";
import { sloOf } from "../simulate/arguments";
import { validate } from "../simulate/server/limits";
import type { Traffic } from "../simulate/traffic/arrival";
import type { OutputFile } from "../stackFolder";
import { Unusable } from "../usable";
import type { Lengths } from "./contract";
import { inClusterJob, serviceUrl } from "./export/inClusterJob";
import { type ExportedStage, inferencePerfConfigs } from "./export/inferencePerf";
import { expectedStay, lengthsOf } from "./lengthsOf";
import { parseAddress } from "./load/address";
import { RATES, secondsLeft } from "./measure/ladder";
import { type CalibrateOptions, ladderOf, paceOf, waitsOf } from "./options";

/** Answers may have to be waited for, a server too, and the simulation takes its time. */
const PATIENCE = 3;

/** The Job that calibrates inside the cluster, as YAML. */
export function jobOf(
  options: CalibrateOptions,
  loaded: LoadedStack,
  config: StackConfig,
  { traffic: requests, directory }: { readonly traffic: Traffic; readonly directory: string },
): string {
  const { traffic } = options;
  const isFile = requests.kind === "recorded";
  const stay = expectedStay(lengthsOf(requests, options.seed), sloOf(options));
  const ladder = ladderOf(options, config.server.maxConcurrentRequests);
  return inClusterJob({
    namespace: config.namespace,
    bundle: bundle(),
    args: argumentsOf(options, isFile ? TRACE : traffic),
    files: {
      "Pulumi.yaml": readFileSync(join(directory, "Pulumi.yaml"), "utf8"),
      [`Pulumi.${options.stack}.yaml`]: stackFileOf(loaded),
      ...(isFile ? { [TRACE]: readFileSync(traffic, "utf8") } : {}),
    },
    deadlineSeconds: waitsOf(options).waitSeconds + PATIENCE * secondsLeft([], ladder, stay),
  });
}

const TRACE = "trace.csv";

/** The command and all that it needs, in one file. */
function bundle(): string {
  const { outputFiles } = buildSync({
    entryPoints: [join(__dirname, "inCluster.ts")],
    ...{ bundle: true, minify: true, write: false, platform: "node", format: "cjs", logLevel: "error" },
  });
  const [file] = outputFiles;
  if (file === undefined) throw new Error("the command could not be bundled");
  return file.text;
}

function argumentsOf(options: CalibrateOptions, traffic: string): readonly string[] {
  const { api, stack, rate, coldStart, sloTtft, sloTpot, maxConcurrency, seed } = options;
  const { stepSeconds, repetitions } = paceOf(options);
  const values: Readonly<Record<string, string | number | undefined>> = {
    ...{ api, stack, traffic, rate, repetitions, seed },
    // Said, so that a Service without a ready server, which refuses connections, is waited for as long as a model.
    ...{
      wait: `${waitsOf(options).waitSeconds}s`,
      "cold-start": coldStart,
      "slo-ttft": `${sloTtft}s`,
      "slo-tpot": `${sloTpot}s`,
    },
    ...{ "max-concurrency": maxConcurrency, "step-seconds": stepSeconds, out: "/tmp/out" },
  };
  return Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, String(value)]));
}

/** The stack as it was loaded, overrides included, without its secrets: nobody needs them for a measurement. */
function stackFileOf({ raw, secretKeys }: LoadedStack): string {
  const config = Object.fromEntries(Object.entries(raw).filter(([key]) => !secretKeys.includes(key)));
  return stringify({ config });
}

/** Requests whose lengths stand for the traffic's. */
const SAMPLE = 5000;
const FEWEST_REQUESTS = 10;

/**
 * The same ladder of loads as configurations of inference-perf, one for closed and one for open loads. Rates are those
 * around the roofline's knee: nothing was measured.
 *
 * @throws ServerFault where `--url` is no address; Unusable where the server takes no request of the traffic.
 */
export function exported(
  options: CalibrateOptions,
  config: StackConfig,
  traffic: Traffic,
): readonly { readonly name: OutputFile; readonly text: string }[] {
  const { api, seed } = options;
  // Without a /v1 at its end: inference-perf puts its own there.
  const { text: url } = parseAddress(options.url ?? serviceUrl(config.namespace));
  const { stepSeconds } = paceOf(options);
  const sample = sampleOf(lengthsOf(traffic, seed), config);
  if (sample.length === 0) {
    const { maxInputTokens, maxTotalTokens } = config.server.limits;
    throw new Unusable(
      `${options.traffic}: its requests are longer than the server's limits (${maxInputTokens} tokens of input, ${maxTotalTokens} in all). Requests must fit them: plan shorter ones, or raise maxInputTokens and maxTotalTokens of the stack.`,
    );
  }
  const expected = expectedLoads(options, config, sample);
  const knee = expected.findLast(({ tpotSeconds }) => tpotSeconds <= options.sloTpot) ?? expected[0];
  const closed = expected.map(
    ({ concurrency, requestsPerSecond }): ExportedStage => ({
      load: { kind: "closed", concurrency },
      seconds: stepSeconds,
      requests: Math.max(FEWEST_REQUESTS, concurrency * 2, Math.round(requestsPerSecond * stepSeconds)),
    }),
  );
  const open = RATES.map((share): ExportedStage => {
    const requestsPerSecond = Number((share * (knee?.requestsPerSecond ?? 1)).toPrecision(3));
    return {
      load: { kind: "open", requestsPerSecond },
      seconds: stepSeconds,
      requests: requestsPerSecond * stepSeconds,
    };
  });
  return inferencePerfConfigs({
    ...{ url, api, model: config.server.modelId, lengths: sample, stages: [...closed, ...open], seed },
    slo: sloOf(options),
  }).map(({ kind, text }) => ({ name: `inference-perf-${kind}.yaml` as const, text }));
}

/** Requests of the traffic that the server takes; inference-perf knows none without a token. */
function sampleOf(lengths: Iterator<Lengths, never>, { server }: StackConfig): readonly Lengths[] {
  const drawn = Array.from({ length: SAMPLE }, () => {
    const { inputTokens, outputTokens } = lengths.next().value;
    return { inputTokens: Math.max(1, inputTokens), outputTokens };
  });
  return drawn.filter((it) => validate(server.limits, it.inputTokens, it.outputTokens) === undefined);
}

interface ExpectedLoad {
  readonly concurrency: number;
  readonly requestsPerSecond: number;
  readonly tpotSeconds: number;
}

/** Closed loads, doubled until the time per token misses the SLO, with what the roofline expects of them. */
function expectedLoads(options: CalibrateOptions, config: StackConfig, sample: readonly Lengths[]): ExpectedLoad[] {
  const { server, gpuPool } = config;
  if (server.model === undefined) {
    throw new Unusable(
      `${server.modelId} is not in the catalogue: without a measurement nobody can say which loads suit it.`,
    );
  }
  const times = rooflineStepTimes({ model: server.model, accelerator: gpuPool.accelerator, gpus: server.gpus });
  const inputTokens = mean(sample, (it) => it.inputTokens) ?? 0;
  const outputTokens = mean(sample, (it) => it.outputTokens) ?? 1;
  const { maxConcurrency } = ladderOf(options, config.server.maxConcurrentRequests);
  const loads: ExpectedLoad[] = [];
  for (let concurrency = 1; ; concurrency = Math.min(maxConcurrency, concurrency * 2)) {
    const step = decodeSeconds(times, concurrency, concurrency * (inputTokens + outputTokens / 2));
    // While one answers, every client's prompt is read once, and each prefill stops all others.
    const answer = outputTokens * step + concurrency * prefillSeconds(times, inputTokens);
    const tpotSeconds = answer / outputTokens;
    loads.push({ concurrency, requestsPerSecond: concurrency / answer, tpotSeconds });
    if (tpotSeconds > options.sloTpot || concurrency >= maxConcurrency) return loads;
  }
}
