import assert from "node:assert/strict";
import { z } from "zod";
import { scaleBehaviorSchema } from "../../config/scaleBehavior";
import { accepted, lines } from "../support/config";

const policy = { type: "Pods", value: 4, periodSeconds: 15 };

function behavior(value: unknown): string {
  return JSON.stringify(value);
}

function rulesOf(value: unknown): readonly string[] {
  return lines({ scaleBehavior: behavior(value) }).map((line) => line.replace(/^scaleBehavior \(.*"\): /, ""));
}

describe("scaleBehavior has the shape of autoscaling/v2", () => {
  const good: Readonly<Record<string, unknown>> = {
    "nothing at all": {},
    "a direction without rules": { scaleUp: {}, scaleDown: {} },
    "the smallest of every number": {
      scaleUp: { stabilizationWindowSeconds: 0, policies: [{ type: "Pods", value: 1, periodSeconds: 1 }] },
    },
    "the largest of every number": {
      scaleDown: {
        stabilizationWindowSeconds: 3600,
        policies: [{ type: "Percent", value: 2_147_483_647, periodSeconds: 1800 }],
      },
    },
    "a choice of the largest change": { scaleUp: { selectPolicy: "Max", policies: [policy, policy] } },
    "a choice of the least change": { scaleUp: { selectPolicy: "Min", policies: [policy] } },
    "a direction that is switched off": { scaleDown: { selectPolicy: "Disabled" } },
  };
  for (const [what, value] of Object.entries(good)) {
    it(`accepts ${what} and hands it to the HPA as it is`, () => {
      assert.deepEqual(accepted({ scaleBehavior: behavior(value) }).config.autoscaler.behavior, value);
    });
  }

  const whole = (min: number, max: number) => `must be a whole number from ${min} to ${max}. Fix`;
  const up = (rules: object) => ({ scaleUp: rules });
  const withPolicy = (change: object) => up({ policies: [{ ...policy, ...change }] });
  const bad: Readonly<Record<string, readonly [unknown, string]>> = {
    "a direction of another name": [{ scaleup: {} }, "has the unknown field scaleup"],
    "a misspelt rule": [up({ policy: [] }), "scaleBehavior.scaleUp has the unknown field policy"],
    "a field that policies do not have": [
      withPolicy({ seconds: 1 }),
      "scaleBehavior.scaleUp.policies[0] has the unknown field seconds",
    ],
    "a negative window": [
      up({ stabilizationWindowSeconds: -1 }),
      `scaleBehavior.scaleUp.stabilizationWindowSeconds ${whole(0, 3600)}`,
    ],
    "a window of more than an hour": [
      { scaleDown: { stabilizationWindowSeconds: 3601 } },
      `scaleBehavior.scaleDown.stabilizationWindowSeconds ${whole(0, 3600)}`,
    ],
    "half a second": [
      up({ stabilizationWindowSeconds: 0.5 }),
      "scaleBehavior.scaleUp.stabilizationWindowSeconds must be a whole number",
    ],
    "a choice nobody knows": [
      up({ selectPolicy: "max" }),
      "scaleBehavior.scaleUp.selectPolicy must be one of Max, Min, Disabled",
    ],
    "no policy in a list of them": [
      up({ policies: [] }),
      "scaleBehavior.scaleUp.policies must have at least one policy",
    ],
    "a policy type nobody knows": [
      withPolicy({ type: "Nodes" }),
      "scaleBehavior.scaleUp.policies[0].type must be one of Pods, Percent",
    ],
    "a policy that changes nothing": [
      withPolicy({ value: 0 }),
      `scaleBehavior.scaleUp.policies[0].value ${whole(1, 2_147_483_647)}`,
    ],
    "a change beyond 32 bits": [
      withPolicy({ value: 2_147_483_648 }),
      `scaleBehavior.scaleUp.policies[0].value ${whole(1, 2_147_483_647)}`,
    ],
    "a policy without a period": [
      withPolicy({ periodSeconds: undefined }),
      "scaleBehavior.scaleUp.policies[0].periodSeconds must be",
    ],
    "a period of nothing": [
      withPolicy({ periodSeconds: 0 }),
      `scaleBehavior.scaleUp.policies[0].periodSeconds ${whole(1, 1800)}`,
    ],
    "a period of more than half an hour": [
      withPolicy({ periodSeconds: 1801 }),
      `scaleBehavior.scaleUp.policies[0].periodSeconds ${whole(1, 1800)}`,
    ],
  };
  for (const [what, [value, rule]] of Object.entries(bad)) {
    it(`refuses ${what}`, () => {
      const rules = rulesOf(value);
      assert.equal(rules.length, 1, rules.join("\n"));
      assert.ok(rules[0]?.startsWith(rule), rules[0]);
    });
  }
});

describe("The tolerance of scaleBehavior", () => {
  const rule = "scaleBehavior.scaleUp.tolerance must be a share from 0 to 1, such as 0.05";

  // A quantity in thousandths, as Kubernetes writes it: 0.05 = 50m.
  const good: readonly (readonly [number | string, string])[] = [
    [0, "0"],
    [0.05, "50m"],
    [0.125, "125m"],
    [1, "1"],
    ["0", "0"],
    ["0.05", "50m"],
    ["0.125", "125m"],
    ["1", "1"],
  ];
  for (const [share, quantity] of good) {
    it(`is written as the quantity ${quantity} where the stack file says ${JSON.stringify(share)}`, () => {
      const { scaleUp } = scaleBehaviorSchema(z).parse({ scaleUp: { tolerance: share } });
      assert.equal(scaleUp?.tolerance, quantity);
    });
  }

  for (const share of [
    -0.001,
    1.001,
    5,
    "1.5",
    "5",
    "-0.1",
    "10",
    "0.1234",
    "0.05x",
    "x0.05",
    ".5",
    "5%",
    "",
    true,
    [],
  ]) {
    it(`cannot be ${JSON.stringify(share)}`, () => {
      const rules = rulesOf({ scaleUp: { tolerance: share } });
      assert.equal(rules.length, 1, rules.join("\n"));
      assert.ok(rules[0]?.startsWith(rule), rules[0]);
    });
  }
});
