import type { HpaBehavior } from "../../autoscaling/hpa/behavior";
import { playSyncs } from "../support/hpa";

describe("An HPA without a behavior", () => {
  playSyncs([
    ["does what the metrics propose", {}, [[0, 4, 7, 7, "ReadyForNewScale", "DesiredWithinRange"]]],
    ["jumps to four", {}, [[0, 1, 9, 4, "ReadyForNewScale", "ScaleUpLimit"]]],
    ["doubles at most", {}, [[0, 3, 9, 6, "ReadyForNewScale", "ScaleUpLimit"]]],
    ["may double", {}, [[0, 3, 6, 6, "ReadyForNewScale", "DesiredWithinRange"]]],
    ["stays within its maximum", { max: 5 }, [[0, 3, 9, 5, "ReadyForNewScale", "TooManyReplicas"]]],
    ["names the maximum where both bounds are the same", { max: 4 }, [[0, 2, 9, 4, undefined, "TooManyReplicas"]]],
    ["stays within its minimum", { min: 2 }, [[0, 3, 1, 2, "ReadyForNewScale", "TooFewReplicas"]]],
    [
      "keeps the highest proposal of the window, its start included",
      { flagSeconds: 60 },
      [
        [0, 3, 3, 3],
        [15, 3, 1, 3, "ScaleDownStabilized", "DesiredWithinRange"],
        [60, 3, 1, 3, "ScaleDownStabilized"],
        [61, 3, 1, 1, "ReadyForNewScale"],
      ],
    ],
    [
      "scales down in the window to what was proposed in it",
      {},
      [
        [0, 8, 5, 5],
        [15, 5, 2, 5, "ScaleDownStabilized"],
        [300, 5, 2, 5],
        [301, 5, 2, 2],
      ],
    ],
    [
      "has a window of five minutes",
      {},
      [
        [0, 8, 8, 8],
        [300, 8, 1, 8],
        [300.001, 8, 1, 1],
      ],
    ],
    [
      "begins with what runs as a proposal",
      { fresh: true },
      [
        [0, 5, 1, 5, "ScaleDownStabilized"],
        [300, 5, 1, 5],
        [301, 5, 1, 1],
      ],
    ],
    [
      "remembers a proposal beyond the maximum as it was",
      { max: 4 },
      [
        [0, 2, 9, 4],
        [15, 4, 3, 4, "ScaleDownStabilized", "TooManyReplicas"],
      ],
    ],
    ["has no limit for going down", {}, [[0, 90, 1, 1, "ReadyForNewScale", "DesiredWithinRange"]]],
  ]);
});

describe("An HPA with an empty behavior", () => {
  const behavior: HpaBehavior = {};
  playSyncs([
    ["adds four pods", { behavior }, [[0, 1, 9, 5, "ReadyForNewScale", "ScaleUpLimit"]]],
    ["or doubles, whichever is more", { behavior }, [[0, 5, 30, 10, "ReadyForNewScale", "ScaleUpLimit"]]],
    [
      "does so once in 15 seconds",
      { behavior },
      [
        [0, 1, 90, 5],
        [14.999, 5, 90, 5, "ReadyForNewScale", "ScaleUpLimit"],
        [15, 5, 90, 10],
        [30, 10, 90, 20],
      ],
    ],
    ["stays within its maximum", { behavior, max: 5 }, [[0, 1, 9, 5, "ReadyForNewScale", "TooManyReplicas"]]],
    ["stays within its minimum", { behavior, min: 2 }, [[0, 9, 1, 2, "ReadyForNewScale", "TooFewReplicas"]]],
    [
      "goes down at once where nothing else was proposed",
      { behavior },
      [[0, 90, 1, 1, "ReadyForNewScale", "DesiredWithinRange"]],
    ],
    ["has no window for going up", { behavior, fresh: true }, [[0, 1, 3, 3, "ReadyForNewScale", "DesiredWithinRange"]]],
    [
      "keeps the highest proposal of the flag's window, its start not included",
      { behavior, flagSeconds: 60 },
      [
        [0, 3, 3, 3],
        [59.999, 3, 1, 3, "ScaleDownStabilized", "DesiredWithinRange"],
        [60, 3, 1, 1, "ReadyForNewScale"],
      ],
    ],
  ]);
});

describe("The window of a behavior", () => {
  const up = (seconds: number): HpaBehavior => ({ scaleUp: { stabilizationWindowSeconds: seconds } });
  const down = (seconds: number): HpaBehavior => ({ scaleDown: { stabilizationWindowSeconds: seconds } });
  playSyncs([
    [
      "holds scale-up at the lowest proposal in it",
      { behavior: up(60) },
      [
        [0, 2, 2, 2],
        [30, 2, 6, 2, "ScaleUpStabilized", "DesiredWithinRange"],
        [59.999, 2, 4, 2],
        [60, 2, 5, 4, "ScaleUpStabilized"],
        [90, 4, 9, 4],
        [119.999, 4, 9, 5, "ScaleUpStabilized"],
      ],
    ],
    [
      "is Kubernetes' own for the other direction",
      { behavior: up(60) },
      [
        [0, 5, 5, 5],
        [299, 5, 1, 5, "ScaleDownStabilized"],
        [300, 5, 1, 1],
      ],
    ],
    [
      "holds scale-down at the highest proposal in it",
      { behavior: down(60) },
      [
        [0, 5, 5, 5],
        [30, 5, 3, 5, "ScaleDownStabilized"],
        [60, 5, 1, 3, "ScaleDownStabilized"],
        [90, 3, 1, 1, "ReadyForNewScale"],
      ],
    ],
    [
      "may be none for scale-down",
      { behavior: down(0) },
      [
        [0, 5, 5, 5],
        [1, 5, 1, 1, "ReadyForNewScale"],
      ],
    ],
    [
      "tells of scale-up where the proposal is what runs",
      { behavior: up(60) },
      [
        [0, 3, 9, 7],
        [15, 7, 7, 7, "ReadyForNewScale"],
      ],
    ],
    [
      "keeps a proposal as long as the longer of both windows needs it",
      { behavior: { scaleUp: { stabilizationWindowSeconds: 15 }, scaleDown: { stabilizationWindowSeconds: 60 } } },
      [
        [0, 5, 5, 5],
        [20, 5, 4, 5],
        [40, 5, 3, 5],
        [59, 5, 2, 5],
        [60, 5, 1, 4],
      ],
    ],
  ]);
});
