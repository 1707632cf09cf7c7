import program from "../index";
import { capture } from "../tools/plan/capture";

/** The whole program in memory. */
capture(program, {
  stack: "bench",
  mode: "preview",
  config: {
    "gcp:project": "bench-project",
    "gcp:region": "us-central1",
    "gke-llm-autoscaling:huggingFaceToken": "token",
  },
  secretKeys: ["gke-llm-autoscaling:huggingFaceToken"],
});
