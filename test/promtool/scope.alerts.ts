import { SERIES } from "../../catalog/metrics";
import { ALERTS } from "../support/observed";
import { healthyOthers, otherServer, troubled, troubledOthers } from "./elsewhere";
import { itPlays, type Play } from "./promtool";
import { BUSY, night, REFUSING, steady } from "./situations";

/** Long enough for every alert. */
const END = 75 * 60;

const OUR_TROUBLE: Play = {
  name: "our trouble",
  worlds: (stage) => [troubled(stage), ...healthyOthers(stage)],
  end: END,
  fires: ALERTS.map((alert) => ({ alert })),
};
const THEIR_TROUBLE: Play = {
  name: "their trouble",
  worlds: (stage) => [steady(stage), ...troubledOthers(stage)],
  end: END,
  fires: [],
};

describe("other clusters, locations, namespaces and workloads of the project", () => {
  itPlays("have a trouble of which all alerts would speak if it were ours", {}, OUR_TROUBLE);
  itPlays("are not ours", {}, THEIR_TROUBLE);
  itPlays("are not ours where we have nothing", {}, { ...THEIR_TROUBLE, worlds: troubledOthers });
  itPlays(
    "are not ours where ours has names of its own",
    { namespace: "llm", clusterName: "ours", location: "us-central1-a" },
    THEIR_TROUBLE,
    OUR_TROUBLE,
  );

  itPlays(
    "are not ours when another server in our namespace refuses its clients",
    {},
    {
      name: "their clients",
      worlds: (stage) => [steady(stage), otherServer(stage, REFUSING)],
      end: 1800,
      fires: [],
    },
  );
  itPlays(
    "are not ours when another server in our namespace is asked, and ours, whose signal is missing, is not",
    { metricStrategy: "gke-duty-cycle" },
    {
      name: "their requests",
      worlds: (stage) => [
        { ...night(stage, 1), losses: [{ metrics: [SERIES.gpuDutyCycle] }] },
        otherServer(stage, BUSY),
      ],
      end: 1800,
      fires: [],
    },
  );
});
