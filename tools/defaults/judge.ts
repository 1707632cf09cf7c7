import { METRIC_STRATEGIES, type StrategyTarget } from "../../autoscaling/metricStrategy";
import { ACCELERATOR_NAMES, type AcceleratorName } from "../../catalog/accelerators";
import { MODELS } from "../../catalog/models";
import { PROJECT_NAME, parseConfig } from "../../config/parse";
import { ratioTo } from "../simulate/answer";
import { targetOf } from "../simulate/compare";
import { scenarioOf } from "../simulate/scenario";
import { forPeople, type Setting } from "../simulate/settings";
import { profileTraffic } from "../simulate/traffic/profiles";
import { tune } from "../simulate/tune";
import { DEFAULT_SLO } from "../simulate/world/figures";
import { heldLoad } from "../targets/holdingBatch";

/** The traffic's mean, in loads that one server holds: nine tenths of four. */
const LOADS = 3.6;
const MAX_REPLICAS = 12;
const SEED = 1;

/** A setting on traffic that nothing was chosen on. */
export interface Verdict {
  /** Share of the requests that meet the SLO. */
  readonly attained: number;
  /** GPU-hours ÷ those that it is held against; undefined where there are none. */
  readonly ratio: number | undefined;
}

export interface JudgedReplica {
  readonly modelId: string;
  readonly accelerator: AcceleratorName;
  readonly gpus: number;
  /** Undefined where no load meets the SLO. */
  readonly judged:
    | {
        /** Requests per second. */
        readonly rate: number;
        /** The cheapest setting that met the SLO on other traffic, against the clairvoyant. */
        readonly tuned: Verdict & { readonly setting: Setting };
        /** Each strategy at its default target and Kubernetes' own behavior, against the tuned setting. */
        readonly defaults: readonly (Verdict & StrategyTarget)[];
      }
    | undefined;
}

/** One model of each size, of those that people chat with: the others of its size are as fast. */
export const CHAT_MODELS = [...MODELS]
  .filter(([modelId]) => modelId.endsWith("-it"))
  .filter(
    ([, model], index, all) => all.findIndex(([, { parametersB }]) => parametersB === model.parametersB) === index,
  )
  .map(([modelId]) => modelId);

/** The defaults of every model for chats on every accelerator. */
export function judgeDefaults(progress: (done: number, all: number) => void): readonly JudgedReplica[] {
  const pairs = CHAT_MODELS.flatMap((modelId) =>
    ACCELERATOR_NAMES.map((accelerator) => ({ modelId, accelerator }) as const),
  );
  return pairs.map(({ modelId, accelerator }, index) => {
    progress(index, pairs.length);
    return judgeReplica(modelId, accelerator);
  });
}

export function judgeReplica(modelId: string, accelerator: AcceleratorName): JudgedReplica {
  const { config } = parseConfig(
    Object.fromEntries(
      Object.entries({ modelId, accelerator, maxReplicas: String(MAX_REPLICAS), huggingFaceSecret: "hf" })
        .map(([key, value]) => [`${PROJECT_NAME}:${key}`, value])
        .concat([
          ["gcp:project", "any-project"],
          ["gcp:region", "us-central1"],
        ]),
    ),
    "defaults",
  );
  if (config === undefined) throw new Error(`${modelId} on ${accelerator} is no stack`);
  const { gpus, model } = config.server;
  const load = model && heldLoad({ model, accelerator, gpus });
  if (load === undefined) return { modelId, accelerator, gpus, judged: undefined };
  const rate = forPeople(LOADS * load.rate);
  const traffic = profileTraffic("conversation", { rate });
  const { best, heldOut, plan, judge } = tune(
    scenarioOf(config, { traffic, slo: DEFAULT_SLO, coldStart: "streamed" }),
    { seed: SEED },
  );
  const defaults = METRIC_STRATEGIES.flatMap((strategy) => {
    const target = targetOf(config, strategy);
    if (target === undefined) return [];
    const { heldOut: theirs } = judge({ strategy, target, behavior: undefined });
    return [{ strategy, target, attained: theirs.attained, ratio: theirs.gpuHours / heldOut.gpuHours }];
  });
  const tuned = { setting: best.setting, attained: heldOut.attained, ratio: ratioTo(plan(), heldOut) };
  return { modelId, accelerator, gpus, judged: { rate, tuned, defaults } };
}
