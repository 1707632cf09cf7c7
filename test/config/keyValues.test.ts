import assert from "node:assert/strict";
import { isKey, keySpec } from "../../config/schema";
import { accepted, lines } from "../support/config";

interface Words {
  readonly words: readonly string[];
  readonly bad: readonly string[];
}

const ACCELERATORS = ["nvidia-l4", "nvidia-tesla-a100", "nvidia-a100-80gb"];
const STRATEGIES = ["queue-size", "batch-size", "gke-duty-cycle", "dcgm-gpu-util"];
const MACHINES = ["4", "8", "12", "16", "32", "24", "48", "96"]
  .map((size) => `g2-standard-${size}`)
  .concat(
    ["1g", "2g", "4g", "8g"].map((size) => `a2-highgpu-${size}`),
    ["a2-megagpu-16g"],
    ["1g", "2g", "4g", "8g"].map((size) => `a2-ultragpu-${size}`),
  );

const WORDS: Readonly<Record<string, Words>> = {
  cluster: { words: ["create", "existing"], bad: ["Create", "new", ""] },
  releaseChannel: { words: ["RAPID", "REGULAR", "STABLE"], bad: ["regular", "EXTENDED"] },
  accelerator: { words: ACCELERATORS, bad: ["l4", "nvidia-a100", "NVIDIA-L4"] },
  gpuMachineType: { words: MACHINES, bad: ["g2", "n1-standard-4", "a2-ultragpu-16g"] },
  gpuDriverVersion: { words: ["DEFAULT", "LATEST"], bad: ["latest", "535"] },
  metricStrategy: { words: STRATEGIES, bad: ["queue", "queueSize", "cpu"] },
  dcgmExporter: { words: ["gke-managed", "self-managed"], bad: ["managed"] },
  metricsAdapter: { words: ["install", "existing"], bad: ["none", "true"] },
};

const FLAGS = ["privateNodes", "deletionProtection", "spot", "imageStreaming", "enableApis", "dashboard", "alerts"];

const WHOLE: Readonly<Record<string, readonly [number, number]>> = {
  systemNodes: [1, 30],
  gpusPerReplica: [1, 16],
  gpuMinNodes: [0, 1000],
  gpuMaxNodes: [1, 1000],
  gpuDiskGb: [30, 65_536],
  maxInputTokens: [1, 1_000_000],
  maxTotalTokens: [2, 1_000_000],
  maxBatchPrefillTokens: [1, 1_000_000],
  maxConcurrentRequests: [1, 100_000],
  serverReadyTimeoutMinutes: [1, 240],
  minReplicas: [1, 1000],
  maxReplicas: [1, 1000],
};

function parserOf(key: string) {
  assert.ok(isKey(key), key);
  return keySpec(key).parser;
}

function refusal(rule: string) {
  return { complaints: [{ path: "", rule }] };
}

describe("A key with a closed set of values", () => {
  for (const [key, { words, bad }] of Object.entries(WORDS)) {
    it(`${key} is one of ${words.length} words`, () => {
      for (const word of words) assert.deepEqual(parserOf(key).parse(word), { value: word });
      for (const word of bad) {
        assert.deepEqual(parserOf(key).parse(word), refusal(`must be one of ${words.join(", ")}`), word);
      }
    });
  }

  for (const key of FLAGS) {
    it(`${key} is true or false`, () => {
      assert.deepEqual(parserOf(key).parse("true"), { value: true });
      assert.deepEqual(parserOf(key).parse("false"), { value: false });
      assert.deepEqual(parserOf(key).parse("yes"), refusal("must be true or false"));
    });
  }
});

describe("A key with a number", () => {
  for (const [key, [min, max]] of Object.entries(WHOLE)) {
    it(`${key} is a whole number from ${min} to ${max}`, () => {
      const rule = refusal(`must be a whole number from ${min} to ${max}`);
      for (const value of [min, max]) assert.deepEqual(parserOf(key).parse(String(value)), { value });
      for (const raw of [String(min - 1), String(max + 1), `${min}.5`, `${min}abc`, "1e3x", ""]) {
        assert.deepEqual(parserOf(key).parse(raw), rule, raw);
      }
    });
  }

  it("metricTarget is above 0 and has at most three decimals", () => {
    assert.deepEqual(parserOf("metricTarget").parse("0.5"), { value: 0.5 });
    assert.deepEqual(
      parserOf("metricTarget").parse("0"),
      refusal("must be a number above 0 with at most three decimals"),
    );
  });

  it("a server's resources are Kubernetes quantities", () => {
    assert.deepEqual(parserOf("serverCpu").parse("1500m"), { value: 1.5 });
    for (const [key, example] of [
      ["serverMemory", "16Gi"],
      ["serverDisk", "20Gi"],
    ] as const) {
      assert.deepEqual(parserOf(key).parse("1536Mi"), { value: 1.5 });
      assert.equal(parserOf(key).example, example);
    }
  });
});

describe("A key with a structured value", () => {
  const zone = "must be a zone such as us-central1-a";
  const target = "must be a number above 0 with at most three decimals";
  const labelValue = "must hold at most 63 lower-case letters, digits, _ and -";
  const range = "must be an IPv4 range such as 203.0.113.0/24";
  const extra = (value: unknown) => JSON.stringify([{ strategy: "batch-size", target: value }]);

  const bad: readonly (readonly [key: string, raw: string, rule: string])[] = [
    ["gpuZones", "us-central1-a", "must be a list of zones"],
    ["gpuZones", "[]", "must name at least one zone"],
    ["gpuZones", '["us-central1"]', `gpuZones[0] ${zone}`],
    ["gpuZones", '["us-central1-a","us-central1-b "]', `gpuZones[1] ${zone}`],
    ["authorizedNetworks", "203.0.113.0/24", "must be a list of IPv4 ranges"],
    ["authorizedNetworks", '["203.0.113.1/24"]', `authorizedNetworks[0] ${range}`],
    ["authorizedNetworks", '"203.0.113.0/24"', "must be a list"],
    ["extraMetrics", "batch-size", "must be a list of {strategy, target}"],
    ["extraMetrics", extra(0), `extraMetrics[0].target ${target}`],
    ["extraMetrics", extra(-1), `extraMetrics[0].target ${target}`],
    ["extraMetrics", extra(1.0005), `extraMetrics[0].target ${target}`],
    ["extraMetrics", extra(0.0001), `extraMetrics[0].target ${target}`],
    ["extraMetrics", extra(1e9 + 1), `extraMetrics[0].target ${target}`],
    ["extraMetrics", extra("40"), "extraMetrics[0].target must be a number"],
    [
      "extraMetrics",
      '[{"strategy":"cpu","target":1}]',
      `extraMetrics[0].strategy must be one of ${STRATEGIES.join(", ")}`,
    ],
    ["extraMetrics", '[{"strategy":"batch-size","target":1,"x":1}]', "extraMetrics[0] has the unknown field x"],
    ["labels", "team=ml", "must be a map of labels"],
    ["labels", '{"team":"ML"}', `labels.team ${labelValue}`],
    ["labels", '{"team":"a b"}', `labels.team ${labelValue}`],
    ["labels", `{"team":"${"x".repeat(64)}"}`, `labels.team ${labelValue}`],
    ["labels", '{"team":1}', "labels.team must be a string"],
    ["scaleBehavior", "fast", "must be an object with scaleUp and scaleDown"],
    ["scaleBehavior", "[]", "must be an object"],
  ];
  for (const [key, raw, rule] of bad) {
    it(`${key} cannot be ${raw.slice(0, 60)}`, () => {
      const said = lines({ [key]: raw });
      assert.equal(said.length, 1, said.join("\n"));
      assert.ok(said[0]?.includes(`: ${rule}. Fix: pulumi config set ${key} '${parserOf(key).example}'`), said[0]);
    });
  }

  const labelKey = "must begin with a lower-case letter and hold at most 63 lower-case letters, digits, _ and -";
  for (const name of ["Team", "1team", "_team", "te am", "", "team!", "t".repeat(64)]) {
    it(`a label cannot be called ${JSON.stringify(name)}`, () => {
      const said = lines({ labels: JSON.stringify({ [name]: "ml" }) });
      assert.equal(said.length, 1, said.join("\n"));
      assert.ok(said[0]?.includes(labelKey), said[0]);
    });
  }

  it("recommends a value that can be pasted into the stack file", () => {
    assert.deepEqual(
      ["gpuZones", "authorizedNetworks", "extraMetrics", "labels", "scaleBehavior"].map((key) => parserOf(key).example),
      [
        '["us-central1-a"]',
        '["203.0.113.0/24"]',
        '[{"strategy":"batch-size","target":40}]',
        '{"team":"ml"}',
        '{"scaleDown":{"stabilizationWindowSeconds":600}}',
      ],
    );
  });

  it("extraMetrics reads targets up to a thousandth and a billion", () => {
    const parser = parserOf("extraMetrics");
    for (const target of [0.001, 2.125, 1e9]) {
      assert.deepEqual(parser.parse(extra(target)), { value: [{ strategy: "batch-size", target }] });
    }
    assert.deepEqual(parser.parse("[]"), { value: [] });
  });

  it("labels may be empty, and as long as Google allows", () => {
    const labels = { a: "", team: "ml-1_x", [`a${"b".repeat(62)}`]: "x".repeat(63), "a_b-1": "1" };
    assert.deepEqual(accepted({ labels: JSON.stringify(labels) }).config.labels, labels);
  });

  it("an empty list of authorized networks leaves the endpoint open", () => {
    const { cluster } = accepted({ authorizedNetworks: "[]" }).config;
    assert.ok(cluster.kind === "create");
    assert.deepEqual(cluster.authorizedNetworks, []);
  });
});

describe("The notification channels", () => {
  const channel = (id: number | string) => `projects/my-project/notificationChannels/${id}`;
  const said = (value: unknown) => lines({ notificationChannels: JSON.stringify(value) });

  it("are names as Google writes them", () => {
    for (const names of [
      [],
      [channel(1)],
      [channel("12345678901234567890"), "projects/123456789012/notificationChannels/7"],
      ["projects/example.com:old-project/notificationChannels/9"],
      Array.from({ length: 16 }, (_, index) => channel(index)),
    ]) {
      assert.deepEqual(accepted({ notificationChannels: JSON.stringify(names) }).config.notificationChannels, names);
    }
  });

  for (const [value, rule] of [
    [["oncall@example.com"], "must be projects/PROJECT/notificationChannels/ID"],
    [["1234567890"], "must be projects/PROJECT/notificationChannels/ID"],
    [[channel("")], "must be projects/PROJECT/notificationChannels/ID"],
    [[`https://monitoring.googleapis.com/v3/${channel(1)}`], "must be projects/PROJECT/notificationChannels/ID"],
    [[channel("1/2")], "must be projects/PROJECT/notificationChannels/ID"],
    [[`${channel(1)}\n`], "must be projects/PROJECT/notificationChannels/ID"],
    [["projects//notificationChannels/1"], "must be projects/PROJECT/notificationChannels/ID"],
    [["projects/prøjekt/notificationChannels/1"], "must be projects/PROJECT/notificationChannels/ID"],
    [["projects/my-project/alertPolicies/1"], "must be projects/PROJECT/notificationChannels/ID"],
    [[7], "must be a string"],
    [[channel(1), channel(1)], "must not name a channel twice"],
    [Array.from({ length: 17 }, (_, index) => channel(index)), "must be at most 16 channels"],
    [{ first: channel(1) }, "must be a list"],
    ["a text with more than sixteen characters", "must be a list"],
    ["oncall", "must be a list"],
    [7, "must be a list"],
    [null, "must be a list"],
    [[null], "must be a string"],
    [[channel("1\u200b")], "must be projects/PROJECT/notificationChannels/ID"],
  ] as const) {
    it(`are not ${JSON.stringify(value).slice(0, 60)}`, () => {
      const [line = ""] = said(value);
      assert.equal(said(value).length, 1, said(value).join("\n"));
      assert.ok(line.startsWith("notificationChannels") && line.includes(rule), line);
    });
  }

  it("are a list even where there is one", () => {
    assert.deepEqual(lines({ notificationChannels: channel(1) }), [
      `notificationChannels ("${channel(1)}"): must be a list of notification channels. ` +
        `Fix: pulumi config set notificationChannels '["projects/my-project/notificationChannels/1234567890"]'`,
    ]);
  });
});
