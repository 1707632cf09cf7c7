import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { METRIC_STRATEGIES } from "../../autoscaling/metricStrategy";
import { Planning } from "./planning";

const ROOT = join(__dirname, "../..");

describe("npm start", () => {
  const planning = new Planning();
  const { directory, plan } = planning;
  after(() => planning.remove());

  it("runs as package.json says, without colour in a pipe, and ends with the code", () => {
    const scripts = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")).scripts;
    assert.equal(scripts.start, "node --require tsx/cjs tools/plan/command.ts");
    const command = ["--require", "tsx/cjs", join(ROOT, "tools/plan/command.ts"), "--out", directory];
    const good = spawnSync(process.execPath, command, { cwd: ROOT, encoding: "utf8" });
    assert.equal(good.status, 0, good.stderr);
    assert.match(good.stdout, /^Plan of stack dev\n/);
    assert.ok(!good.stdout.includes("\u001b"));
    const bad = spawnSync(process.execPath, [...command, "--set", "minReplicas=0"], { cwd: ROOT, encoding: "utf8" });
    assert.equal(bad.status, 1);
    assert.match(bad.stderr, /minReplicas/);
  });

  it("plans the dev stack within 80 columns", async () => {
    const { status, stdout, stderr } = await plan();
    assert.equal(stderr, "");
    assert.equal(status, 0);
    for (const line of stdout.split("\n")) assert.ok(line.length <= 80, line);
    for (const part of [
      "In the cloud",
      "In the cluster",
      "HorizontalPodAutoscaler  default/gemma-hpa",
      "passes 0.5,",
      "nothing between 0.45 and 0.55",
      "At most 5 replicas = 5 × L4 on 5 × g2-standard-8.",
      "us-central1-a, us-central1-b, us-central1-c",
      "a new server serves before an old one stops",
      "reachable from anywhere",
      "gcp:project is not set",
      "npx pulumi config",
    ]) {
      assert.ok(stdout.includes(part), `${part} is missing from\n${stdout}`);
    }
  });

  it("prints what the README shows", async () => {
    const { stdout } = await plan();
    const [, sample = ""] = /```text\n(Plan of [^`]*)```/.exec(readFileSync(join(ROOT, "README.md"), "utf8")) ?? [];
    const fragments = sample.split("\n…\n").slice(0, -1);
    assert.ok(fragments.length >= 2);
    for (const fragment of fragments) assert.ok(stdout.includes(fragment), fragment);
  });

  it("lists the alerts, unless there are none", async () => {
    const section = (stdout: string) => /\nAlerts\n([\s\S]*?)\n\n/.exec(stdout)?.[1];
    const { stdout } = await plan();
    assert.match(section(stdout) ?? "", /^ {2}5 min {2}critical {2}HPA cannot read its metric\n {2}15 min warning /);
    assert.equal(section(stdout)?.split("\n").length, 8);
    assert.match(stdout, /tell nobody:\s+notificationChannels is empty/);
    const without = await plan("--set", "alerts=false", "--set", "dashboard=false");
    assert.equal(section(without.stdout), undefined);
    assert.ok(!without.stdout.includes("AlertPolicy") && !without.stdout.includes("Dashboard"), without.stdout);
    const json = JSON.parse((await plan("--json")).stdout);
    assert.deepEqual(Object.keys(json.alerts[0]), ["title", "severity", "forSeconds", "query"]);
    assert.equal(json.alerts[0].forSeconds, 300);
  });

  it("is a document on request", async () => {
    const { status, stdout } = await plan("--json", "--diff", "--set", "maxReplicas=8");
    assert.equal(status, 0);
    const document = JSON.parse(stdout);
    assert.deepEqual(Object.keys(document), [
      "version",
      "stack",
      "project",
      "cluster",
      "location",
      "namespace",
      "resources",
      "autoscaler",
      "alerts",
      "checks",
      "warnings",
      "placeholders",
      "diff",
      "manifests",
      "problems",
    ]);
    assert.equal(document.version, 1);
    assert.equal(document.autoscaler.maxReplicas, 8);
    assert.equal(document.diff.podsRestart, false);
    assert.ok(
      document.resources.some(
        (it: { label: string; where: string }) => it.label === "default/gemma-hpa" && it.where === "cluster",
      ),
    );
  });

  it("plans every strategy", async () => {
    for (const strategy of METRIC_STRATEGIES) {
      const { status, stdout } = await plan("--set", `metricStrategy=${strategy}`);
      assert.equal(status, 0);
      assert.match(stdout, new RegExp(`\\n {2}${strategy}: adds a replica when`));
    }
  });

  it("says when the target was measured", async () => {
    const digest = `sha256:${"0123456789abcdef".repeat(4)}`;
    const { stdout } = await plan("--set", "metricTarget=3", "--set", `calibration=${digest}`);
    assert.match(stdout, /The target of queue-size was measured: calibration sha256:0123456789ab…\./);
    assert.doesNotMatch((await plan()).stdout, /was measured/);
  });

  for (const [what, args, status, message] of [
    ["a wrong value", ["--set", "maxReplicas=12abc"], 1, /maxReplicas \("12abc"\): must be a whole number/],
    ["a wrong key", ["--set", "metricStrategie=x"], 1, /metricStrategie[\s\S]*nearest is metricStrategy/],
    ["a stack that is not there", ["--stack", "nope"], 1, /there is no such stack file \(there are dev, prod\)/],
    ["a file to compare with that is not there", ["--against", "nope.yaml"], 1, /nope\.yaml: there is no such file/],
    [
      "a folder that cannot be written",
      ["--out", "/dev/null/x"],
      1,
      /cannot be written \([\s\S]+\)\.\s+Choose another/,
    ],
    ["a stack that is a path", ["--stack", "../dev"], 2, /must be a\s+stack's\s+name/],
    ["--set without a value", ["--set", "maxReplicas"], 2, /must be\s+key=value/],
    ["an unknown option", ["--bogus"], 2, /unknown option/],
    ["an argument", ["dev"], 2, /too many arguments/],
  ] as const) {
    it(`ends with ${status} and a message for ${what}`, async () => {
      const result = await plan(...args);
      assert.equal(result.status, status, result.stderr);
      assert.equal(result.stdout, "");
      assert.match(result.stderr, message);
      assert.ok(!result.stderr.includes("    at "), result.stderr);
    });
  }

  it("gives problems as a document too", async () => {
    const { status, stdout } = await plan("--json", "--set", "minReplicas=9");
    assert.equal(status, 1);
    assert.deepEqual(
      JSON.parse(stdout).problems.map((problem: { key: string }) => problem.key),
      ["minReplicas"],
    );
  });

  it("names the file whose problems it reports, in a document too", async () => {
    const file = join(directory, "broken.yaml");
    writeFileSync(file, "config:\n  gcp:region: us-central1\n  maxReplicas: 0\n");
    const { status, stderr } = await plan("--against", file);
    assert.equal(status, 1);
    const title = (said: string) => said.slice(0, said.indexOf("  - ")).replace(/\s+/g, " ").trim();
    assert.equal(title(stderr), `Stack "dev" has 1 problem in its configuration (${file}):`);
    const set = await plan("--set", "maxReplicas=0", "--set", "spot=true");
    assert.match(title(set.stderr), /\(Pulumi\.dev\.yaml, --set maxReplicas, --set spot\):$/);
    const { stdout } = await plan("--json", "--stack", "nope");
    assert.match(JSON.parse(stdout).problems[0].rule, /there is no such stack file/);
  });

  it("marks a check that holds with a warning, and one that could not be made", async () => {
    const unknown = ["modelId=acme/model", "gpusPerReplica=1", "serverMemory=16Gi", "serverDisk=20Gi"];
    const { stdout } = await plan("--set", "gpuMaxNodes=5", ...unknown.flatMap((it) => ["--set", it]));
    assert.match(stdout, /\n {2}! {2}Rollout {4}an old server stops/);
    assert.match(stdout, /\n {2}– {2}GPU memory acme\/model is not in the catalogue/);
    assert.match(stdout, /\n {2}ok Node/);
  });
});
