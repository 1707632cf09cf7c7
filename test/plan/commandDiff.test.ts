import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Planning, PROJECT } from "./planning";

describe("npm start with --diff or --against", () => {
  const planning = new Planning();
  const { directory, plan } = planning;
  after(() => planning.remove());

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

  it("compares with another stack file", async () => {
    const { status, stdout } = await plan("--stack", "prod", "--against", join(PROJECT, "Pulumi.dev.yaml"));
    assert.equal(status, 0);
    assert.match(stdout, /^Changes of stack prod against\s+\S+Pulumi\.dev\.yaml\n/);
    assert.match(stdout, /guestAccelerators\[0\]\.type: \(replaces\)\n {8}- "nvidia-l4"\n {8}\+ "nvidia-tesla-a100"/);
    for (const line of stdout.split("\n")) assert.ok(line.length <= 80, line);
  });
});
