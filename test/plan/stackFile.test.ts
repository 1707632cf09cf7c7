import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadStack, type Override } from "../../tools/plan/load";
import { readStackFile, StackFileError, stacksIn } from "../../tools/plan/stackFile";

const PROJECT =
  "name: gke-llm-autoscaling\nruntime: nodejs\nconfig:\n  pulumi:disable-default-providers:\n    - kubernetes\n";

describe("a stack file", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "stack-file-"));
    writeFileSync(join(directory, "Pulumi.yaml"), PROJECT);
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const write = (text: string, name = "Pulumi.dev.yaml") => writeFileSync(join(directory, name), text);
  const read = () => readStackFile(directory, "dev");
  const load = (overrides: readonly Override[] = []) => loadStack({ directory, stack: "dev", overrides });

  it("is read as the CLI reads it: scalars by their text, structures as JSON, keys qualified", () => {
    write(
      [
        "config:",
        "  gcp:project: demo-project",
        "  maxReplicas: 1e3",
        "  gke-llm-autoscaling:spot: true",
        '  gke-llm-autoscaling:metricTarget: "2.50"',
        "  gpuZones: [us-central1-a]",
        "  labels:",
        "    team: ml",
        "  location:",
      ].join("\n"),
    );
    assert.equal(read().project, "gke-llm-autoscaling");
    assert.deepEqual(read().values, {
      "pulumi:disable-default-providers": '["kubernetes"]',
      "gcp:project": "demo-project",
      "gke-llm-autoscaling:maxReplicas": "1e3",
      "gke-llm-autoscaling:spot": "true",
      "gke-llm-autoscaling:metricTarget": "2.50",
      "gke-llm-autoscaling:gpuZones": '["us-central1-a"]',
      "gke-llm-autoscaling:labels": '{"team":"ml"}',
      "gke-llm-autoscaling:location": "",
    });
  });

  it("may hold secrets, which are told apart and not read", () => {
    write(
      "encryptionsalt: v1:abc\nconfig:\n  huggingFaceToken:\n    secure: v1:xyz\n  location:\n    secure: v1:uvw\n",
    );
    assert.deepEqual(read().encrypted, ["gke-llm-autoscaling:huggingFaceToken", "gke-llm-autoscaling:location"]);
    const loaded = load();
    assert.match(
      loaded.placeholders.map(({ key, why }) => `${key} ${why}`).join("\n"),
      /huggingFaceToken is encrypted/,
    );
    assert.match(loaded.warnings.join("\n"), /location is encrypted: the plan takes its default/);
  });

  it("may use anchors, and hold secrets inside of structures", () => {
    write("labels: &l\n  team: ml\nconfig:\n  labels: *l\n  extraMetrics:\n    - strategy:\n        secure: v1:abc\n");
    const { values, encrypted } = read();
    assert.equal(values["gke-llm-autoscaling:labels"], '{"team":"ml"}');
    assert.deepEqual(encrypted, ["gke-llm-autoscaling:extraMetrics"]);
  });

  for (const [what, text] of [
    ["empty", ""],
    ["a comment", "# nothing yet\n"],
    ["without config", "encryptionsalt: v1:abc\n"],
    ["with an empty config", "config:\n"],
  ] as const) {
    it(`may be ${what}`, () => {
      write(text);
      assert.deepEqual(Object.keys(read().values), ["pulumi:disable-default-providers"]);
    });
  }

  for (const [what, text, message] of [
    ["is not YAML", "config:\n  a: b\n  c: [\n", /Pulumi\.dev\.yaml:\d+: not valid YAML/],
    ["has a key twice", "config:\n  a: b\n  a: c\n", /Pulumi\.dev\.yaml:3: not valid YAML: Map keys must be unique/],
    ["is a list", "- a\n", /Pulumi\.dev\.yaml:1: must be a mapping/],
    ["has a key that is no text", "config:\n  ? [a]\n  : b\n", /Pulumi\.dev\.yaml:2: a config key must be a text/],
    ["has a list for config", "config:\n  - a\n", /Pulumi\.dev\.yaml:2: `config` must be a mapping/],
  ] as const) {
    it(`that ${what} is refused with its name and line`, () => {
      write(text);
      assert.throws(read, (error) => error instanceof StackFileError && message.test(error.message));
    });
  }

  it("that is missing is refused with those that there are", () => {
    write("", "Pulumi.prod.yaml");
    write("", "Pulumi.test.yaml");
    assert.throws(
      read,
      /Pulumi\.dev\.yaml: there is no such stack file \(there are prod, test\).*pulumi stack init dev/,
    );
    assert.deepEqual(stacksIn(directory), ["prod", "test"]);
  });

  it("of a project with a name of its own has its keys under that name", () => {
    writeFileSync(join(directory, "Pulumi.yaml"), "name: my-llm\nruntime: nodejs\n");
    write("config:\n  gcp:region: us-central1\n  my-llm:maxReplicas: 3\n  spto: true\n");
    const { parsed } = load([{ key: "minReplicas", value: "4" }]);
    assert.deepEqual(
      parsed.verdict.problems.map(({ keys }) => keys[0]),
      ["spto", "minReplicas"],
    );
  });

  it("that imports an environment, or holds the token in plain text, is warned about", () => {
    write("environment:\n  - mine\nconfig:\n  huggingFaceToken: hf_plain\n");
    const { warnings, placeholders } = load();
    assert.match(warnings.join("\n"), /huggingFaceToken is in plain text/);
    assert.match(warnings.join("\n"), /ESC environment/);
    assert.deepEqual(
      placeholders.map(({ key }) => key),
      ["gcp:project"],
    );
  });

  it("gets marked placeholders for what a committed one does not have, with the commands that set it", () => {
    write("config:\n  gcp:region: us-central1\n");
    const loaded = load();
    assert.ok(loaded.parsed.config);
    assert.deepEqual(
      loaded.placeholders.map(({ key, command }) => [key, command]),
      [
        ["gcp:project", "npx pulumi config set gcp:project PROJECT_ID"],
        ["huggingFaceToken", "npx pulumi config set --secret huggingFaceToken"],
      ],
    );
  });

  it("is overridden by what the command line sets", () => {
    write("config:\n  gcp:region: us-central1\n  metricStrategy: queue-size\n");
    const { raw, parsed } = load([
      { key: "metricStrategy", value: "batch-size" },
      { key: "gcp:project", value: "other-project" },
    ]);
    assert.equal(raw["gke-llm-autoscaling:metricStrategy"], "batch-size");
    assert.equal(parsed.config?.project, "other-project");
  });
});

describe("the committed stacks", () => {
  const directory = join(__dirname, "../..");
  for (const stack of stacksIn(directory)) {
    it(`load: ${stack}`, () => {
      const { parsed } = loadStack({ directory, stack, overrides: [] });
      assert.deepEqual(parsed.verdict.problems, []);
    });
  }
  it("include dev and prod", () => {
    for (const stack of ["dev", "prod"]) assert.ok(stacksIn(directory).includes(stack), stack);
  });
});
