import assert from "node:assert/strict";
import { type Found, steadied } from "../../../tools/calibrate/measure/targetSearch";
import { targets, toleranceText } from "../../../tools/calibrate/measure/targets";
import { attainment, contend, OBJECTIVE } from "../../../tools/simulate/contend";
import { hpaScaler } from "../../../tools/simulate/scenario";
import { startingReplicas } from "../../../tools/simulate/start";
import { split } from "../../../tools/simulate/traffic/split";
import type { Trial } from "../../../tools/simulate/tune";
import type { RunResult } from "../../../tools/simulate/world/run";
import { paced, scenario } from "../../simulate/support";
import { lines } from "../../support/config";
import { open, stage } from "./support";

const RATE = (mean: number) => ({ requestsPerSecond: { mean, low: mean, high: mean } });
/** Up to six times as much within a quarter of an hour. */
const TRAFFIC = paced(
  [
    [300, 1],
    [300, 3],
    [300, 6],
    [600, 1],
  ],
  { kind: "recorded" },
);
const KNEE = stage(open(2), 1, { queue: 0.6, batch: 11.7, dutyCycle: 99, ...RATE(2) });

describe("targets after a calibration", () => {
  const made = scenario(TRAFFIC, { maxReplicas: "8" });
  const [queue, batch, duty] = targets({ stages: [KNEE], knee: KNEE, scenario: made, seed: 1 });
  assert.ok(queue !== undefined && batch !== undefined && duty !== undefined);

  it("have the signal at the knee, and a ceiling where the HPA's tolerance still lets it act", () => {
    assert.deepEqual([queue.atKnee, batch.atKnee, duty.atKnee], [0.6, 11.7, 99]);
    for (const { atKnee = 0, ceiling = 0 } of [queue, batch, duty]) assert.ok(Math.abs(ceiling * 1.1 - atKnee) < 1e-5);
    assert.match(toleranceText(made.config), /only above target × 1\.1 \(it tolerates 10 %\).*knee ÷ 1\.1/);
    assert.deepEqual([batch.unit, duty.unit], ["requests", "percent of one GPU"]);
  });

  it("hold when simulated, and none that holds is much cheaper", () => {
    const { recommended = assert.fail(), simulated, behavior, sentence } = batch;
    assert.match(sentence, /is the cheapest target that holds/);
    const { training } = split(TRAFFIC, 0.6);
    const on = { ...made, traffic: training };
    const trial = (target: number) => {
      const scaler = hpaScaler(on.config, { metrics: [{ strategy: "batch-size", target }], behavior });
      const result = contend(on, scaler, { seed: 1, maxReplicas: 8, initialReplicas: startingReplicas(on, 1) });
      return { target, attained: attainment(result), gpuHours: result.gpuHours };
    };
    const chosen = trial(recommended);
    assert.ok(chosen.attained >= OBJECTIVE && chosen.attained === simulated?.attained);
    for (let target = 2; target < 200; target *= 1.15) {
      const { attained, gpuHours } = trial(target);
      if (attained >= OBJECTIVE + 0.002) assert.ok(gpuHours >= 0.95 * chosen.gpuHours, `${target}: ${gpuHours}`);
    }
  });

  it("may all stand in the stack file", () => {
    for (const { strategy, simulated } of [queue, batch, duty]) {
      assert.deepEqual(lines({ metricStrategy: strategy, metricTarget: String(simulated?.target) }), []);
    }
  });
});

describe("a target's behavior", () => {
  const behavior = { scaleDown: { stabilizationWindowSeconds: 600 } };
  const advised = (set: Record<string, string>) => {
    const [advice] = targets({
      ...{ stages: [KNEE], knee: KNEE, seed: 1, strategies: ["queue-size"] },
      scenario: scenario(TRAFFIC, { maxReplicas: "8", ...set }),
    });
    assert.ok(advice?.simulated !== undefined);
    return advice;
  };

  it("is looked for with it where the stack has none, and is one that the stack file may have", () => {
    const { behavior: found, recommended, sentence } = advised({});
    assert.ok(found !== undefined);
    assert.match(sentence, /with a scaleBehavior/);
    const set = { metricTarget: String(recommended), scaleBehavior: JSON.stringify(found) };
    assert.deepEqual(lines({ metricStrategy: "queue-size", ...set }), []);
  });

  it("stays as it is where the stack has one", () => {
    const { behavior: found, sentence } = advised({ scaleBehavior: JSON.stringify(behavior) });
    assert.equal(found, undefined);
    assert.doesNotMatch(sentence, /scaleBehavior/);
    const attained = (set: Record<string, string>) => advised(set).simulated?.attained ?? 0;
    const fixed = { scaleBehavior: '{"scaleUp":{"selectPolicy":"Disabled"}}' };
    assert.ok(attained(fixed) < 0.9 * attained({}), "what may not scale up does not follow the traffic");
  });

  it("is simulated with the stack's other metrics", () => {
    const busy = '[{"strategy":"gke-duty-cycle","target":5}]';
    const { simulated: alone } = advised({});
    const { simulated: beside } = advised({ extraMetrics: busy });
    assert.ok((beside?.gpuHours ?? 0) > 1.5 * (alone?.gpuHours ?? 0), "any load is more than 5 % duty cycle");
  });

  it("takes the place of the target that a further metric of the stack has", () => {
    const further = '[{"strategy":"queue-size","target":0.01}]';
    const { simulated } = advised({ metricStrategy: "batch-size", extraMetrics: further });
    assert.deepEqual(simulated, advised({ metricStrategy: "batch-size" }).simulated);
  });
});

describe("a target's head-room", () => {
  it("is what the simulated stack needs: the ceiling would be too late", () => {
    const made = scenario(TRAFFIC, { maxReplicas: "8" });
    const knee = { ...KNEE, batch: 60 };
    const [advice] = targets({ stages: [knee], knee, scenario: made, seed: 1, strategies: ["batch-size"] });
    const { recommended = assert.fail(), simulated, ceiling = 0 } = advice ?? assert.fail();
    assert.ok(recommended < 0.8 * ceiling && simulated?.holds);
    const { training } = split(made.traffic, 0.6);
    const attained = (target: number) => {
      const scaler = hpaScaler(made.config, { metrics: [{ strategy: "batch-size", target }] });
      const contest = { seed: 1, maxReplicas: 8, initialReplicas: startingReplicas({ ...made, traffic: training }, 1) };
      return attainment(contend({ ...made, traffic: training }, scaler, contest));
    };
    assert.ok(attained(ceiling) < OBJECTIVE);
    assert.equal(attained(recommended), simulated.attained);
  });
});

describe("a target that was chosen on calmer traffic", () => {
  it("says that it does not hold on the rest", () => {
    const surging = paced(
      [
        [660, 0.5],
        [240, 40],
        [200, 0.5],
      ],
      { kind: "recorded" },
    );
    const made = scenario(surging, { maxReplicas: "8" });
    const [advice] = targets({ stages: [KNEE], knee: KNEE, scenario: made, seed: 1, strategies: ["batch-size"] });
    const { simulated = assert.fail(), sentence } = advice ?? assert.fail();
    assert.ok(simulated.holds && simulated.attainedHeldOut < OBJECTIVE);
    assert.match(sentence, /on traffic that it was not chosen on, which is less than 99\.0 %/);
  });
});

describe("a target above the ceiling", () => {
  /** @param batch at the knee: the smaller, the more replicas does the ceiling ask for. */
  const advised = (batch: number) => {
    const knee = { ...KNEE, batch };
    const made = scenario(TRAFFIC, { maxReplicas: "8" });
    return targets({ stages: [knee], knee, scenario: made, seed: 1, strategies: ["batch-size"] })[0] ?? assert.fail();
  };

  it("is recommended where it saves GPU-hours, and says what a steady load would do", () => {
    const { recommended = 0, ceiling = 0, simulated, sentence } = advised(1.1);
    assert.equal(ceiling, 1);
    assert.ok(recommended > ceiling && simulated?.holds);
    assert.match(sentence, /above the ceiling, 1: .*stand still for long, take the ceiling/);
  });

  it("is not, where it saves nothing", () => {
    const { recommended = 0, ceiling = 0, simulated, sentence } = advised(40);
    assert.ok(recommended <= ceiling && simulated?.holds);
    assert.match(sentence, /below the ceiling/);
  });

  it("gives way to a ceiling that holds and costs at most 5 % more", () => {
    const scaled = { changes: 3 } as RunResult;
    const trial = (target: number, gpuHours: number, attained = 1): Trial => ({
      ...{ setting: { strategy: "batch-size", target, behavior: undefined }, results: [scaled], gpuHours, attained },
    });
    const taken = (atCeiling: Trial) => {
      const judge: Found["judge"] = () => ({ chosenOn: atCeiling, heldOut: atCeiling });
      const found: Found = { best: trial(9, 10), heldOut: trial(9, 10), holds: true, ceilingBecause: undefined, judge };
      return steadied(found, 6, undefined).best.setting.target;
    };
    assert.deepEqual([taken(trial(6, 10.5)), taken(trial(6, 10.6)), taken(trial(6, 10.5, 0.991))], [6, 9, 9]);
  });

  it("follows a signal that is 0 at the knee, and says what that means", () => {
    const knee = { ...KNEE, queue: 0 };
    const made = scenario(TRAFFIC, { maxReplicas: "8" });
    const [advice] = targets({ stages: [knee], knee, scenario: made, seed: 1, strategies: ["queue-size"] });
    assert.equal(advice?.ceiling, 0);
    assert.ok((advice.recommended ?? 0) > 0);
    assert.match(advice.sentence, /acts only past the knee/);
  });
});

describe("a target for traffic that needs no further replica", () => {
  const quiet = scenario(paced([[120, 0.5]], { kind: "recorded" }));
  const advised = (queue: number) => {
    const knee = { ...KNEE, queue };
    return targets({ stages: [knee], knee, scenario: quiet, seed: 1, strategies: ["queue-size"] })[0] ?? assert.fail();
  };

  it("is the ceiling, since larger ones were not put to the test", () => {
    const { recommended, behavior, sentence } = advised(0.6);
    assert.deepEqual([recommended, behavior], [0.54, undefined]);
    assert.match(sentence, /is the ceiling, rounded down\. .*no replica has to be added .*--rate simulates more/);
  });

  it("is none, where there is no ceiling either", () => {
    const { recommended, behavior, sentence } = advised(0);
    assert.deepEqual([recommended, behavior], [undefined, undefined]);
    assert.match(sentence, /^Simulated on test, .*no replica has to be added .*nothing follows for a target/);
  });
});

describe("a target's limits", () => {
  const quiet = scenario(paced([[120, 0.5]], { kind: "recorded" }));
  const advise = (
    knee: typeof KNEE,
    strategy: "queue-size" | "batch-size" | "gke-duty-cycle",
    { made = quiet, stages = [knee] } = {},
  ) => targets({ stages, knee, scenario: made, seed: 1, strategies: [strategy] })[0] ?? assert.fail();

  it("are the ceiling, rounded down, where that holds already", () => {
    const { recommended, ceiling = 0, sentence } = advise({ ...KNEE, batch: 11.7 }, "batch-size");
    assert.ok(Math.abs(ceiling - 11.7 / 1.1) < 1e-5);
    assert.equal(recommended, 10);
    assert.match(sentence, /^10 is the ceiling, rounded down/);
    assert.equal(advise({ ...KNEE, queue: 0.6 }, "queue-size").recommended, 0.54);
  });

  it("are the behavior's own tolerance", () => {
    const scaleBehavior = '{"scaleUp":{"tolerance":0.5}}';
    const made = scenario(paced([[120, 0.5]], { kind: "recorded" }), { scaleBehavior });
    const { ceiling } = advise(KNEE, "batch-size", { made });
    assert.equal(ceiling, 11.7 / 1.5);
    assert.match(toleranceText(made.config), /target × 1\.5 \(it tolerates 50 %\)/);
  });

  it("are what the stack's rules admit, even if more was waiting at the knee", () => {
    // 66 ÷ 1.1 is 60, which the rules do not admit: it is never passed.
    for (const most of [72, 66]) {
      const limit = { maxConcurrentRequests: String(most) };
      const made = scenario(paced([[120, 0.5]], { kind: "recorded" }), limit);
      const { recommended = 0 } = advise({ ...KNEE, queue: 500, batch: 500 }, "batch-size", { made });
      assert.ok(recommended > 50 && recommended < most / 1.1);
      const set = { metricStrategy: "batch-size", ...limit };
      assert.deepEqual(lines({ ...set, metricTarget: String(recommended) }), []);
      assert.equal(lines({ ...set, metricTarget: "66" }).length, 1);
    }
  });

  it("are the rules' own words where no target may stand", () => {
    const made = scenario(paced([[120, 0.5]], { kind: "recorded" }), { maxConcurrentRequests: "72" });
    // Its batch holds all that it takes: no queue can form.
    const config = { ...made.config, server: { ...made.config.server, batchCapacity: 71 } };
    const { recommended, sentence } = advise(KNEE, "queue-size", { made: { ...made, config } });
    assert.equal(recommended, undefined);
    assert.match(sentence, /may stand in the stack file: maxConcurrentRequests \(72\): must be more than/);
  });

  it("are said where no target holds", () => {
    const made = { ...quiet, slo: { ttftSeconds: 0.01, tpotSeconds: 0.2 } };
    const { recommended, simulated, sentence } = advise(KNEE, "batch-size", { made });
    assert.equal(recommended, undefined);
    assert.ok(simulated !== undefined && !simulated.holds);
    assert.match(
      sentence,
      /no target meets the SLO for 99\.2 % \(99\.0 %, and a little for having been chosen\): .* comes nearest, with 0\.0 %/,
    );
  });

  it("need a signal", () => {
    const { dutyCycle: _, ...unsampled } = KNEE;
    assert.match(advise(unsampled, "gke-duty-cycle").sentence, /^No samples of gke-duty-cycle/);
    for (const knee of [unsampled, KNEE]) assert.equal(advise(knee, "gke-duty-cycle").strategy, "gke-duty-cycle");
  });

  it("are not told by GPUs that are as busy well below the knee", () => {
    const at = (rate: number, dutyCycle: number) => stage(open(rate), 1, { dutyCycle, ...RATE(rate) });
    const saturated = advise(KNEE, "gke-duty-cycle", { stages: [at(1.5, 97), KNEE] });
    assert.equal(saturated.ceiling, undefined);
    assert.equal(saturated.simulated, undefined);
    assert.match(
      saturated.sentence,
      /cannot tell the knee: it is 97 % at 1\.5 requests\/s already, and the knee is at 2 /,
    );
    for (const stages of [
      [at(1.5, 96), KNEE],
      [at(1.6, 99), KNEE],
    ]) {
      assert.equal(advise(KNEE, "gke-duty-cycle", { stages }).recommended, 90);
    }
  });
});
