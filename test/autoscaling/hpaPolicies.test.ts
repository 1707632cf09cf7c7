import type { HpaBehavior } from "../../autoscaling/hpa/behavior";
import { playSyncs } from "../support/hpa";

describe("The policies of scale-up", () => {
  const of = (scaleUp: HpaBehavior["scaleUp"]) => ({ behavior: { scaleUp } });
  const pods = (value: number, periodSeconds: number) => ({ type: "Pods", value, periodSeconds }) as const;
  const percent = (value: number, periodSeconds: number) => ({ type: "Percent", value, periodSeconds }) as const;
  playSyncs([
    ["round percents up", of({ policies: [percent(10, 60)] }), [[0, 3, 9, 4, undefined, "ScaleUpLimit"]]],
    [
      "allow pods once in their period",
      of({ policies: [pods(2, 60)] }),
      [
        [0, 1, 9, 3],
        [59.999, 3, 9, 3, "ReadyForNewScale", "ScaleUpLimit"],
        [60, 3, 9, 5],
      ],
    ],
    [
      "add up what was added in their period",
      of({ policies: [pods(3, 60)] }),
      [
        [0, 1, 2, 2],
        [15, 2, 9, 4],
        [45, 4, 9, 4],
        [60, 4, 9, 5],
        [75, 5, 9, 7],
      ],
    ],
    ["allow the most", of({ selectPolicy: "Max", policies: [pods(1, 60), percent(100, 60)] }), [[0, 3, 9, 6]]],
    [
      "allow the least where told so",
      of({ selectPolicy: "Min", policies: [pods(1, 60), percent(100, 60)] }),
      [[0, 3, 9, 4]],
    ],
    ["allow the least of Kubernetes' own", of({ selectPolicy: "Min" }), [[0, 2, 9, 4, undefined, "ScaleUpLimit"]]],
    ["can forbid it", of({ selectPolicy: "Disabled" }), [[0, 3, 9, 3, "ReadyForNewScale", "ScaleUpLimit"]]],
    [
      "leave the other direction alone",
      of({ selectPolicy: "Disabled" }),
      [[0, 9, 3, 3, "ReadyForNewScale", "DesiredWithinRange"]],
    ],
    [
      "hold what runs where somebody else took away what they added",
      of({ policies: [percent(100, 60)] }),
      [
        [0, 4, 9, 8],
        [15, 3, 9, 3, "ReadyForNewScale", "ScaleUpLimit"],
      ],
    ],
    [
      "give back what was taken away in their period",
      { behavior: { scaleUp: { policies: [pods(1, 60)] }, scaleDown: { stabilizationWindowSeconds: 0 } } },
      [
        [0, 9, 4, 4],
        [15, 4, 20, 10],
      ],
    ],
    [
      "allow nothing where they overflow",
      of({ policies: [pods(2_147_483_647, 60)] }),
      [[0, 1, 9, 1, undefined, "ScaleUpLimit"]],
    ],
    [
      "allow nothing where percents overflow",
      { ...of({ policies: [percent(2_147_483_647, 60)] }), max: 1000 },
      [[0, 200, 300, 200, undefined, "ScaleUpLimit"]],
    ],
  ]);
});

describe("The policies of scale-down", () => {
  const of = (scaleDown: HpaBehavior["scaleDown"]) => ({
    behavior: { scaleDown: { stabilizationWindowSeconds: 0, ...scaleDown } },
  });
  const pods = (value: number, periodSeconds: number) => ({ type: "Pods", value, periodSeconds }) as const;
  const percent = (value: number, periodSeconds: number) => ({ type: "Percent", value, periodSeconds }) as const;
  playSyncs([
    ["cut percents off", of({ policies: [percent(50, 60)] }), [[0, 5, 1, 2, undefined, "ScaleDownLimit"]]],
    [
      "allow pods once in their period",
      of({ policies: [pods(1, 60)] }),
      [
        [0, 5, 1, 4, "ReadyForNewScale", "ScaleDownLimit"],
        [59.999, 4, 1, 4],
        [60, 4, 1, 3],
      ],
    ],
    ["allow the most", of({ policies: [pods(1, 60), percent(50, 60)] }), [[0, 8, 1, 4]]],
    [
      "allow the least where told so",
      of({ selectPolicy: "Min", policies: [pods(1, 60), percent(50, 60)] }),
      [[0, 8, 1, 7]],
    ],
    ["can forbid it", of({ selectPolicy: "Disabled" }), [[0, 8, 1, 8, "ReadyForNewScale", "ScaleDownLimit"]]],
    ["leave the other direction alone", of({ selectPolicy: "Disabled" }), [[0, 3, 9, 7, undefined, "ScaleUpLimit"]]],
    [
      "name the minimum where it is the same",
      { ...of({ policies: [pods(3, 60)] }), min: 2 },
      [[0, 5, 1, 2, undefined, "TooFewReplicas"]],
    ],
    [
      "name themselves above the minimum",
      { ...of({ policies: [pods(2, 60)] }), min: 2 },
      [[0, 5, 1, 3, undefined, "ScaleDownLimit"]],
    ],
    [
      "hold what runs where somebody else has taken away as much",
      of({ policies: [percent(50, 60)] }),
      [
        [0, 8, 1, 4],
        [15, 2, 1, 2, "ReadyForNewScale", "ScaleDownLimit"],
      ],
    ],
    [
      "take back what was added in their period",
      of({ policies: [pods(1, 60)] }),
      [
        [0, 5, 9, 9],
        [15, 9, 1, 4],
      ],
    ],
    [
      // The controller keeps an event for the periods of its own direction only, until another needs its place.
      "forget what was added before the period of scale-up, once more is added",
      { behavior: { scaleDown: { stabilizationWindowSeconds: 0, policies: [pods(1, 600)] } } },
      [
        [0, 1, 5, 5],
        [30, 5, 7, 7],
        [60, 7, 1, 4],
      ],
    ],
    [
      "remember it while no more is added",
      { behavior: { scaleDown: { stabilizationWindowSeconds: 0, policies: [pods(1, 600)] } } },
      [
        [0, 2, 6, 6],
        [60, 6, 1, 1],
      ],
    ],
    [
      "remember it where more was added in the same period of scale-up",
      {
        behavior: {
          scaleUp: { policies: [pods(2, 30), pods(5, 15)] },
          scaleDown: { stabilizationWindowSeconds: 0, policies: [pods(1, 600)] },
        },
      },
      [
        [0, 4, 6, 6],
        [30, 6, 8, 8],
        [60, 8, 1, 3],
      ],
    ],
    ["allow all of Kubernetes' own", of({}), [[0, 90, 1, 1, undefined, "DesiredWithinRange"]]],
  ]);
});
