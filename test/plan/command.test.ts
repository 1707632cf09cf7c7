import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { METRIC_STRATEGIES } from "../../autoscaling/metricStrategy";
import { runPlan } from "../../tools/plan/cli";
import { OUTPUT_FILES } from "../../tools/stackFolder";

const ROOT = join(__dirname, "../..");
/** Not the repository's own stack files: their owner sets keys in them. */
const PROJECT = join(__dirname, "../fixtures/project");

describe("npm start", () => {
  let directory: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), "plan-"));
  });
  after(() => rmSync(directory, { recursive: true }));

  /** The command in this process. */
  async function plan(...args: readonly string[]) {
    const out: string[] = [];
    const error: string[] = [];
    const status = await runPlan([...(args.includes("--out") ? [] : ["--out", directory]), ...args], {
      directory: PROJECT,
      out: (text) => out.push(text),
      error: (text) => error.push(text),
      color: false,
    });
    return { status, stdout: out.join("\n"), stderr: error.join("\n") };
  }

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

  it("writes the manifests, and never the token", async () => {
    const { status } = await plan("--set", "huggingFaceToken=hf_must-not-leak");
    assert.equal(status, 0);
    const files = readdirSync(join(directory, "dev"));
    assert.equal(files.length, 20);
    const text = files.map((file) => readFileSync(join(directory, "dev", file), "utf8")).join("\n");
    assert.ok(!text.includes("must-not-leak"));
    assert.ok(text.includes("<secret: only Pulumi writes it>"));
    assert.deepEqual(readdirSync(directory), ["dev"]);
  });

  it("leaves no manifest of an earlier plan behind", async () => {
    await plan("--set", "dcgmExporter=self-managed");
    assert.ok(readdirSync(join(directory, "dev")).some((file) => file.includes("daemonset")));
    await plan();
    assert.ok(!readdirSync(join(directory, "dev")).some((file) => file.includes("daemonset")));
  });

  it("says what a change does", async () => {
    const { status, stdout } = await plan("--diff", "--set", "metricStrategy=gke-duty-cycle");
    assert.equal(status, 0);
    assert.match(stdout, /^Changes of stack dev against Pulumi\.dev\.yaml\n {2}~ update/);
    for (const part of ["Plan of stack", "In the cloud", "Checks"]) assert.ok(!stdout.includes(part));
    // The target may be among the fields that are too many to show.
    assert.match(
      stdout,
      /\n\nAutoscaler\n {2}- queue-size: adds[^+]*0\.55\.\n {2}\+ gke-duty-cycle: adds [^+]* passes 90\s%,[^.]*\.\n\n/,
    );
    const changes = stdout;
    assert.deepEqual(
      [...changes.matchAll(/^ {2}([~±?] .*)$/gm)].map(([, change]) => change),
      [
        "~ update  HorizontalPodAutoscaler default/gemma-hpa",
        "~ update  Dashboard dashboard-monitoring",
        "~ update  AlertPolicy alerts-scaling-signal-missing",
      ],
    );
    assert.match(changes, /tiles\[3\]\.widget\.title:\n {8}- "Scaling signal: queue-size per replica"/);
    assert.match(changes, /\n {6}… and \d+ more fields: --json has them all\n/);
    assert.match(changes, /Server pods restart: no\n {2}GPU pool replaced: {3}no\n {2}Cluster replaced: {4}no/);
    const spot = (await plan("--diff", "--set", "spot=true")).stdout;
    assert.match(spot, /± REPLACE NodePool pool-gpu\n {6}nodeConfig\.spot: false → true \(replaces\)/);
    assert.match(spot, /GPU pool replaced: {3}YES/);
    assert.match((await plan("--diff")).stdout, /^Changes of .*\n {2}None\./);
  });

  it("says what a change brings that is not fine, and not what was so before", async () => {
    const { stdout } = await plan("--diff", "--set", "gpuMaxNodes=5");
    assert.match(stdout, /\n\nChecks\n {2}! {2}Rollout {4}an old server stops/);
    assert.match(stdout, /\n\nWarnings\n {2}! The pool has no room for one more replica/);
    for (const part of ["  ok ", "notificationChannels"]) assert.ok(!stdout.includes(part), stdout);
    const same = (await plan("--diff", "--set", "maxReplicas=8")).stdout;
    for (const part of ["queue-size: adds", "Checks\n", "Warnings\n"]) assert.ok(!same.includes(part), same);
    assert.match(same, /\n {2}\+ gemma-hpa keeps .* between 1 and 8 replicas\.\n {2}\+ At most 8/);
    const file = join(directory, "two.yaml");
    const own = readFileSync(join(PROJECT, "Pulumi.dev.yaml"), "utf8");
    writeFileSync(file, `${own}\n  extraMetrics: [{ strategy: dcgm-gpu-util, target: 80 }]\n`);
    const fewer = (await plan("--against", file)).stdout;
    assert.match(fewer, /\n\nAutoscaler\n {2}- dcgm-gpu-util: adds [^+]*\n {2}- The metric that asks for the most/);
    const labels = (await plan("--diff", "--set", 'labels={"team":"ml"}')).stdout;
    assert.ok(!labels.includes("Autoscaler\n"), labels);
  });

  it("shows of a long value where it differs", async () => {
    const { stdout } = await plan("--diff", "--set", "metricStrategy=batch-size");
    const query = stdout.slice(stdout.indexOf("conditionPrometheusQueryLanguage.query:"));
    assert.match(
      query,
      /^[^\n]*\n {8}- …[\s\S]*count\(tgi_queue_size[\s\S]*\n {8}\+ …[\s\S]*count\(tgi_batch_current_size/,
    );
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

  it("compares with another stack file", async () => {
    const { status, stdout } = await plan("--stack", "prod", "--against", join(PROJECT, "Pulumi.dev.yaml"));
    assert.equal(status, 0);
    assert.match(stdout, /^Changes of stack prod against\s+\S+Pulumi\.dev\.yaml\n/);
    assert.match(stdout, /guestAccelerators\[0\]\.type: \(replaces\)\n {8}- "nvidia-l4"\n {8}\+ "nvidia-tesla-a100"/);
    for (const line of stdout.split("\n")) assert.ok(line.length <= 80, line);
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

  it("leaves what the other commands have written, and a folder that is a link", async () => {
    await plan("--set", "dcgmExporter=self-managed");
    const held = join(directory, "dev");
    for (const name of OUTPUT_FILES) writeFileSync(join(held, name), `of ${name}`);
    const link = mkdtempSync(join(tmpdir(), "plan-link-"));
    symlinkSync(held, join(link, "dev"));
    const { status, stderr } = await plan("--out", link);
    assert.equal(status, 0, stderr);
    assert.ok(lstatSync(join(link, "dev")).isSymbolicLink());
    rmSync(link, { recursive: true });
    for (const name of OUTPUT_FILES) assert.equal(readFileSync(join(held, name), "utf8"), `of ${name}`);
    assert.ok(!readdirSync(held).some((file) => file.includes("daemonset")));
    for (const name of OUTPUT_FILES) rmSync(join(held, name));
  });

  it("never moves the folder, nor what the other commands write there meanwhile", async () => {
    await plan();
    const held = join(directory, "dev");
    const [file, manifest] = [join(held, "calibration.json"), "01-namespace-old.yaml"];
    writeFileSync(file, "measured");
    writeFileSync(join(held, manifest), "stale");
    // Where commands were killed while they wrote.
    const left = [join(held, ".manifests-killed"), join(held, "calibration.json.0123456789abcdef.new")];
    for (const path of left) mkdirSync(path);
    const inodes = () => [held, file].map((path) => statSync(path).ino);
    const before = inodes();
    const { status, stderr } = await plan();
    assert.equal(status, 0, stderr);
    assert.deepEqual(inodes(), before);
    assert.ok(!readdirSync(held).includes(manifest));
    for (const path of [file, ...left]) rmSync(path, { recursive: true });
  });

  it("leaves what was measured where the manifests cannot be moved into place", async () => {
    await plan();
    const held = join(directory, "dev");
    const [first = ""] = readdirSync(held);
    writeFileSync(join(held, "calibration.json"), "measured");
    rmSync(join(held, first));
    mkdirSync(join(held, first, "taken"), { recursive: true });
    const { status, stderr } = await plan();
    assert.equal(status, 1);
    assert.match(stderr, /cannot\s+be\s+written/);
    assert.equal(readFileSync(join(held, "calibration.json"), "utf8"), "measured");
    assert.deepEqual(
      readdirSync(held).filter((name) => name.startsWith(".")),
      [],
    );
    for (const name of [first, "calibration.json"]) rmSync(join(held, name), { recursive: true });
  });

  it("does not delete what it has not written", async () => {
    await plan();
    const foreign = join(directory, "dev", "keep.txt");
    writeFileSync(foreign, "mine");
    const { status, stderr } = await plan();
    assert.equal(status, 1);
    assert.match(stderr.replaceAll(/\s+/g, " "), /it holds what no plan has written: keep\.txt/);
    assert.equal(readFileSync(foreign, "utf8"), "mine");
    assert.deepEqual(
      readdirSync(directory).filter((name) => name.startsWith("dev.")),
      [],
    );
    rmSync(foreign);
  });

  it("marks a check that holds with a warning, and one that could not be made", async () => {
    const unknown = ["modelId=acme/model", "gpusPerReplica=1", "serverMemory=16Gi", "serverDisk=20Gi"];
    const { stdout } = await plan("--set", "gpuMaxNodes=5", ...unknown.flatMap((it) => ["--set", it]));
    assert.match(stdout, /\n {2}! {2}Rollout {4}an old server stops/);
    assert.match(stdout, /\n {2}– {2}GPU memory acme\/model is not in the catalogue/);
    assert.match(stdout, /\n {2}ok Node/);
  });

  it("leaves the old manifests when the new ones cannot be written", async () => {
    const file = join(directory, "file");
    writeFileSync(file, "");
    assert.equal((await plan("--out", file)).status, 1);
    assert.ok(existsSync(join(directory, "dev")));
    assert.equal(readFileSync(file, "utf8"), "");
  });
});
