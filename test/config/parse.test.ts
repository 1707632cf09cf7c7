import assert from "node:assert/strict";
import { parseConfig } from "../../config/parse";
import { accepted, itHolds, lines, parse, rawConfig } from "../support/config";

const RANGES = { subnetwork: "subnet", podsRange: "pods", servicesRange: "services" };
const TOGETHER = "an existing network needs network, subnetwork, podsRange and servicesRange together";
const existing = { cluster: "existing", clusterName: "theirs" };

describe("What nothing can stand in for", () => {
  itHolds({
    "a stack without a project": {
      refused: { "gcp:project": undefined },
      key: "gcp:project",
      value: "not set",
      rule: "the stack must know its Google Cloud project",
      fix: "pulumi config set gcp:project PROJECT_ID",
      accepted: {},
    },
    "a stack without a place": {
      refused: { "gcp:region": undefined },
      key: "location",
      value: "not set",
      rule: "the stack must know where to live",
      fix: "pulumi config set location us-central1",
      accepted: { "gcp:region": undefined, location: "us-central1" },
    },
    "a stack without any of the three places": {
      refused: { "gcp:region": undefined, "gcp:zone": undefined },
      key: "location",
      value: "not set",
      rule: "the stack must know where to live",
      fix: "pulumi config set location us-central1",
      accepted: { "gcp:region": undefined, "gcp:zone": "us-central1-a" },
    },
    "a stack without a token": {
      refused: { huggingFaceToken: undefined },
      key: "huggingFaceToken",
      value: "not set",
      rule: "the server cannot download Gemma without a token",
      fix: "pulumi config set --secret huggingFaceToken (it asks for the value), or huggingFaceSecret",
      accepted: { huggingFaceToken: undefined, huggingFaceSecret: "hf" },
    },
    "a calibration of a target that is not there": {
      refused: { calibration: `sha256:${"0a".repeat(32)}` },
      key: "metricTarget",
      value: "not set",
      rule: "`calibration` stands for a target that was measured",
      fix: "npm run calibrate -- --write sets both; or pulumi config rm calibration",
      accepted: { calibration: `sha256:${"0a".repeat(32)}`, metricTarget: "3" },
    },
    "two sources of the token": {
      refused: { huggingFaceSecret: "hf" },
      key: "huggingFaceSecret",
      value: '"hf"',
      rule: "the token comes from huggingFaceToken or from an existing Secret, not from both",
      fix: "pulumi config rm huggingFaceToken",
      concerns: ["huggingFaceToken"],
      accepted: { huggingFaceSecret: "hf", huggingFaceToken: undefined },
    },
    "an existing cluster without a name": {
      refused: { cluster: "existing" },
      key: "clusterName",
      value: "not set",
      rule: "an existing cluster must be named",
      fix: "pulumi config set clusterName NAME",
      concerns: ["cluster"],
      accepted: existing,
    },
  });
});

describe("Beside an existing cluster, what makes one is refused:", () => {
  const rows: Readonly<Record<string, readonly [value: string, shown: string]>> = {
    privateNodes: ["false", "false"],
    systemMachineType: ["e2-standard-4", "e2-standard-4"],
    systemNodes: ["3", "3"],
    authorizedNetworks: ['["10.0.0.0/8"]', "10.0.0.0/8"],
    releaseChannel: ["RAPID", "RAPID"],
    deletionProtection: ["false", "false"],
  };
  for (const [key, [value, shown]] of Object.entries(rows)) {
    itHolds({
      [key]: {
        refused: { ...existing, [key]: value },
        key,
        value: `"${shown}"`,
        rule: "it is part of creating a cluster, and `cluster` is existing",
        fix: `pulumi config rm ${key}`,
        concerns: ["cluster"],
        accepted: { cluster: "create", clusterName: "ours", [key]: value },
      },
    });
  }

  it("a network, each of its keys", () => {
    const said = lines({ ...existing, network: "vpc", ...RANGES, networkProject: "host-project" });
    assert.deepEqual(said.map((line) => line.split(" ")[0]).sort(), [
      "network",
      "networkProject",
      "podsRange",
      "servicesRange",
      "subnetwork",
    ]);
  });

  it("but not the pool, the workload and the nodes' account", () => {
    accepted({ ...existing, nodeServiceAccount: "nodes-1@p.iam.gserviceaccount.com", spot: "true", namespace: "llm" });
  });
});

describe("An existing network is named in full", () => {
  for (const [key, example] of [
    ["network", "my-vpc"],
    ["subnetwork", "my-subnet"],
    ["podsRange", "pods"],
    ["servicesRange", "services"],
  ] as const) {
    it(`${key} included`, () => {
      const { verdict } = parse({ network: "vpc", ...RANGES, [key]: undefined });
      assert.deepEqual(lines({ network: "vpc", ...RANGES, [key]: undefined }), [
        `${key} (not set): ${TOGETHER}. Fix: pulumi config set ${key} ${example}`,
      ]);
      assert.deepEqual(new Set(verdict.problems[0]?.keys), new Set(["network", ...Object.keys(RANGES)]));
    });
  }

  it("and each key that is missing has its line", () => {
    assert.deepEqual(
      lines({ network: "vpc" }).map((line) => line.split(" ")[0]),
      ["subnetwork", "podsRange", "servicesRange"],
    );
  });

  it("where its project is named", () => {
    assert.deepEqual(
      lines({ networkProject: "host-project" }).map((line) => line.split(" ")[0]),
      ["network", "subnetwork", "podsRange", "servicesRange"],
    );
    accepted({ networkProject: "host-project", network: "vpc", ...RANGES });
  });
});

describe("A key that nobody knows", () => {
  const rows: readonly (readonly [key: string, nearest: string, set?: string])[] = [
    ["maxReplica", "maxReplicas", "maxReplicas 7"],
    ["MAXREPLICAS", "maxReplicas", "maxReplicas 7"],
    ["minreplicas", "minReplicas", "minReplicas 7"],
    ["metricStrategie", "metricStrategy", "metricStrategy queue-size"],
    ["hugingFaceToken", "huggingFaceToken", "--secret huggingFaceToken"],
    ["gpuMachineTyp", "gpuMachineType", "gpuMachineType g2-standard-4"],
    ["namespac", "namespace", "namespace 7"],
  ];
  for (const [key, nearest, set] of rows) {
    it(`such as ${key} is refused, and ${nearest} is said to be the nearest`, () => {
      const [line = "", ...others] = lines({ [key]: "7" });
      assert.deepEqual(others, []);
      assert.ok(line.startsWith(`${key} (`), line);
      assert.ok(line.includes(`there is no such key; the nearest is ${nearest}.`), line);
      assert.ok(line.endsWith(`Fix: pulumi config rm ${key}, then pulumi config set ${set}`), line);
    });
  }

  it("is only taken away where its nearest is more than three edits from it: another was hardly meant", () => {
    for (const [key, nearest] of [
      ["region", "location"],
      ["gpuMachine", "gpuMachineType"],
    ] as const) {
      assert.deepEqual(lines({ [key]: "7" }), [
        `${key} ("7"): there is no such key; the nearest is ${nearest}. Fix: pulumi config rm ${key}`,
      ]);
    }
  });

  it("is not told a command that a shell would take otherwise", () => {
    assert.ok(lines({ serverImages: "a$(b)" })[0]?.includes("then pulumi config set serverImage "));
    assert.doesNotMatch(lines({ serverImages: "a$(b)" })[0]?.split("Fix: ")[1] ?? "", /\$/);
  });

  it("is quoted where a shell would take it for more than a word", () => {
    assert.ok(lines({ "max replicas": "7" })[0]?.includes('Fix: pulumi config rm "max replicas", then'));
    assert.ok(lines({ "a.b-c_d": "7" })[0]?.endsWith("Fix: pulumi config rm a.b-c_d"));
    assert.ok(lines({ "rm;": "7" })[0]?.endsWith('Fix: pulumi config rm "rm;"'));
    assert.ok(lines({ ";rm": "7" })[0]?.endsWith('Fix: pulumi config rm ";rm"'));
  });

  it("is shown with its control characters visible", () => {
    assert.ok(lines({ "a\nb": "7" })[0]?.startsWith("a\\nb ("));
  });

  it("has a name, even if it is empty", () => {
    assert.doesNotMatch(lines({ "gke-llm-autoscaling:": "x" })[0] ?? "", /^ *\(/);
  });

  for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
    it(`may be called ${name}`, () => {
      const said = parseConfig({ ...rawConfig({}), [`gke-llm-autoscaling:${name}`]: "{}" }, "dev").verdict.problems;
      assert.deepEqual(
        said.map(({ keys }) => keys[0]),
        [name],
      );
    });
  }

  it("is none of our business in another namespace", () => {
    accepted({ "aws:region": "x", "gcp:zones": "x", "gcp:impersonateServiceAccount": "x", "other:maxReplicas": "x" });
    accepted({ "pulumi:maxReplicas": "x", "gke-llm-autoscalingx:maxReplicas": "x" });
    assert.equal(parseConfig({ ...rawConfig({}), maxReplicas: "9" }, "dev").config?.autoscaler.maxReplicas, 5);
  });
});
