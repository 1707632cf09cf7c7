import { METRIC_STRATEGIES } from "../../autoscaling/metricStrategy";
import { ACCELERATOR_NAMES } from "../../catalog/accelerators";
import { MODELS } from "../../catalog/models";
import { accepted } from "../support/config";

describe("What is derived keeps every rule", () => {
  for (const modelId of MODELS.keys()) {
    for (const accelerator of ACCELERATOR_NAMES) {
      it(`for ${modelId} on ${accelerator}, whatever the strategy and the number of replicas`, () => {
        for (const metricStrategy of METRIC_STRATEGIES) {
          for (const maxReplicas of ["1", "5", "1000"]) {
            // The one region that offers all three accelerators in several zones.
            accepted({ "gcp:region": "us-central1", modelId, accelerator, metricStrategy, maxReplicas });
          }
        }
      });
    }
  }
});
