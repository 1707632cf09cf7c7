import { SERIES, type Series } from "../../catalog/metrics";
import type { Settings } from "../support/stack";
import { healthyOthers } from "./elsewhere";
import type { Loss, Stage, World } from "./model";
import { type Firing, itPlays, type Play } from "./promtool";
import type { Seconds } from "./series";
import { SCRAPED_FROM_TGI } from "./serverSeries";
import { firstStart, night, replaced, scaleDown, steady } from "./situations";

const LOST = 600;

interface Stack {
  readonly settings: Settings;
  /** The series that it scales on, and the seconds between their samples. */
  readonly signals: readonly (readonly [series: Series, every: Seconds])[];
}

const QUEUE = [SERIES.tgiQueueSize, 15] as const;
const BATCH = [SERIES.tgiBatchCurrentSize, 15] as const;
const DUTY = [SERIES.gpuDutyCycle, 60] as const;
const DCGM = [SERIES.dcgmGpuUtil, 30] as const;
const RENAMED = [SERIES.dcgmGpuUtilRenamed, 15] as const;
const TWO_GPUS = { modelId: "google/gemma-2-9b-it" };
const SELF_MANAGED = { metricStrategy: "dcgm-gpu-util", dcgmExporter: "self-managed" };

const STACKS: Readonly<Record<string, Stack>> = {
  "queue-size": { settings: {}, signals: [QUEUE] },
  "batch-size": { settings: { metricStrategy: "batch-size" }, signals: [BATCH] },
  "gke-duty-cycle": { settings: { metricStrategy: "gke-duty-cycle" }, signals: [DUTY] },
  "dcgm-gpu-util": { settings: { metricStrategy: "dcgm-gpu-util" }, signals: [DCGM] },
  "dcgm-gpu-util of an exporter of its own": { settings: SELF_MANAGED, signals: [RENAMED] },
  "gke-duty-cycle of two GPUs": { settings: { ...TWO_GPUS, metricStrategy: "gke-duty-cycle" }, signals: [DUTY] },
  "dcgm-gpu-util of two GPUs": { settings: { ...TWO_GPUS, metricStrategy: "dcgm-gpu-util" }, signals: [DCGM] },
  "dcgm-gpu-util of two GPUs and an exporter of its own": {
    settings: { ...TWO_GPUS, ...SELF_MANAGED },
    signals: [RENAMED],
  },
  "queue-size and gke-duty-cycle": {
    settings: { extraMetrics: [{ strategy: "gke-duty-cycle", target: 70 }] },
    signals: [QUEUE, DUTY],
  },
  "dcgm-gpu-util and batch-size": {
    settings: { ...SELF_MANAGED, extraMetrics: [{ strategy: "batch-size", target: 20 }] },
    signals: [RENAMED, BATCH],
  },
};

/** Five minutes after the last sample it is missing at the next evaluation. */
function missingAt(every: Seconds): Seconds {
  const last = LOST - every;
  return Math.ceil((last + 300 + 1) / 30) * 30;
}

/** Two minutes after the last scrape. */
const UNSCRAPED = Math.ceil((LOST - 15 + 120 + 1) / 30) * 30 + 180;

function without(stage: Stage, series: Loss["metrics"], world = steady(stage)): World {
  return { ...world, losses: [{ metrics: series, from: LOST }] };
}

const ALL = [QUEUE, BATCH, DUTY, DCGM, RENAMED].map(([series]) => series);

for (const [name, { settings, signals }] of Object.entries(STACKS)) {
  describe(`a stack that scales on ${name}`, () => {
    const mine = signals.map(([series]) => series);

    for (const [series, every] of signals) {
      const kind = series.origin === "gke-system" ? series.type : series.name;
      // The queue also says whether a server is scraped.
      const unscraped: Firing = { alert: "server-not-scraped", at: UNSCRAPED };
      itPlays(`knows when ${kind} is missing, whatever others have`, settings, {
        name: `without ${kind}`,
        worlds: (stage) => [without(stage, [series]), ...healthyOthers(stage)],
        end: 1500,
        fires: [
          { alert: "scaling-signal-missing", at: missingAt(every) + 300 },
          ...(series === SERIES.tgiQueueSize ? [unscraped] : []),
        ],
      });
    }

    const notMine = ALL.filter((series) => !mine.includes(series) && series !== SERIES.tgiQueueSize);
    const unasked = mine.filter((series) => series !== SERIES.tgiQueueSize);
    itPlays(
      "is silent about signals that it does not scale on, where nobody asks, and while servers start and go",
      settings,
      silent("not mine", 1500, (stage) => without(stage, notMine)),
      silent("unasked", 1500, (stage) => without(stage, unasked, night(stage, 1))),
      silent("first start", 1200, (stage) => firstStart(stage, 450)),
      silent("replaced", 2400, (stage) => replaced(stage, 1, 1200)),
      silent("scale-down", 1800, scaleDown),
    );
  });
}

function silent(name: string, end: Seconds, world: (stage: Stage) => World): Play {
  return { name, worlds: (stage) => [world(stage)], end, fires: [] };
}

describe("a stack whose servers are not scraped at all any more", () => {
  itPlays(
    "hears of the scrapes first, then of its signal, while it remembers requests",
    {},
    {
      name: "unscraped",
      worlds: (stage) => [without(stage, SCRAPED_FROM_TGI)],
      end: 1800,
      fires: [
        { alert: "server-not-scraped", at: UNSCRAPED },
        // A rate over 15 minutes needs two samples.
        { alert: "scaling-signal-missing", at: missingAt(15) + 300, until: LOST - 30 + 900 + 30 },
      ],
    },
  );
});
