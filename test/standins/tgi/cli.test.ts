import assert from "node:assert/strict";
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { runStandIn } from "../../../standins/tgi/cli";
import { events, post, until, withStandIn } from "./support";

const PROJECT = resolve(__dirname, "../../fixtures/project");
const REPOSITORY = resolve(__dirname, "../../..");

async function run(args: readonly string[]) {
  const out: string[] = [];
  const error: string[] = [];
  const started = await runStandIn(args, {
    directory: PROJECT,
    out: (text) => out.push(text),
    error: (text) => error.push(text),
  });
  if (typeof started !== "number") await started.close();
  return { started, out: out.join("\n"), error: error.join("\n") };
}

interface Played {
  url: string;
  [key: string]: unknown;
}

/** The command as a process, and what its first line says. */
async function command(...args: string[]): Promise<{ child: ChildProcessWithoutNullStreams; played: Played }> {
  const entry = resolve(REPOSITORY, "standins/tgi/command.ts");
  const child = spawn(process.execPath, ["--require", "tsx/cjs", entry, "--port", "0", "--json", ...args], {
    cwd: REPOSITORY,
  });
  const [line] = await once(createInterface(child.stdout), "line");
  return { child, played: JSON.parse(line) };
}

describe("npm run stand-in", () => {
  it("plays the stack's server, and says so to programs", async () => {
    const { started, out } = await run([
      "--port",
      "0",
      "--json",
      "--time-scale",
      "20",
      "--jitter",
      "0",
      "--overhead",
      "5",
    ]);
    assert.notEqual(typeof started, "number");
    const { url, stepTimes, limits, ...rest } = JSON.parse(out);
    assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.deepEqual(rest, {
      ...{ standIn: true, version: "2.4.0", modelId: "google/gemma-2-2b-it", accelerator: "nvidia-l4", gpus: 1 },
      ...{ timeScale: 20, jitter: 0, loadSeconds: 0, seed: 1 },
      overhead: { perRequestSeconds: 0.005, perTokenSeconds: 0.000002 },
    });
    assert.equal(stepTimes.source, "roofline");
    assert.deepEqual([limits.maxInputTokens, limits.maxTotalTokens, limits.drainSeconds], [4096, 8192, 90]);
  });

  it("plays another model on other GPUs, with the limits that these have", async () => {
    const other = ["--model", "google/gemma-2-9b-it", "--accelerator", "nvidia-tesla-a100", "--gpus", "2"];
    const { out } = await run(["--port", "0", "--json", ...other]);
    const { modelId, accelerator, gpus, stepTimes } = JSON.parse(out);
    assert.deepEqual([modelId, accelerator, gpus], ["google/gemma-2-9b-it", "nvidia-tesla-a100", 2]);
    const { out: own } = await run(["--port", "0", "--json"]);
    assert.ok(stepTimes.prefillPerTokenSeconds !== JSON.parse(own).stepTimes.prefillPerTokenSeconds);
    const { out: less } = await run(["--port", "0", "--json", "--set", "maxConcurrentRequests=333"]);
    assert.equal(JSON.parse(less).limits.maxConcurrentRequests, 333);
  });

  it("tells people that nothing is measured, and how to read the times", async () => {
    const { out } = await run(["--port", "0", "--time-scale", "20"]);
    const text = out.replace(/\s+/g, " ");
    assert.match(text, /^Stand-in of TGI 2\.4\.0 at http:\/\/127\.0\.0\.1:\d+: no model, no GPU\./);
    assert.match(text, /step times of the roofline: simulated, not measured\./);
    assert.match(text, /20 times as fast: a latency here × 20, a rate here ÷ 20 is the played server's\./);
    assert.doesNotMatch((await run(["--port", "0"])).out, /times as fast/);
  });

  it("refuses what it cannot play", async () => {
    const problem = await run(["--port", "0", "--model", "someone/else"]);
    assert.equal(problem.started, 1);
    assert.match(problem.error, /someone\/else|gpusPerReplica/);
    const missing = await run(["--stack", "nowhere"]);
    assert.equal(missing.started, 1);
    assert.match(missing.error, /Pulumi\.nowhere\.yaml/);
    const unknown = await run(["--nonsense"]);
    assert.equal(unknown.started, 2);
    assert.match(unknown.error, /^error: unknown option/);
    assert.equal((await run(["--help"])).started, 0);
  });

  for (const [option, value, rule] of [
    ["--port", "70000", "a whole number from 0 to 65535"],
    ["--gpus", "1.5", "a whole number from 1 to 16"],
    ["--time-scale", "0", "a number from 0.001 to 1000"],
    ["--time-scale", "99999999", "a number from 0.001 to 1000"],
    ["--jitter", "5000", "a number from 0 to 100"],
    ["--jitter", "-1", "a number from 0 to 100"],
    ["--jitter", "NaN", "a number from 0 to 100"],
    ["--overhead", "60001", "a number from 0 to 60000"],
    ["--overhead-per-token", "101", "a number from 0 to 100"],
    ["--load-seconds", "86401", "a number from 0 to 86400"],
  ] as const) {
    it(`refuses ${option} ${value}, and says what it must be`, async () => {
      const { started, error } = await run(["--port", "0", option, value]);
      assert.equal(started, 2);
      const text = error.replace(/\s+/g, " ");
      assert.ok(text.startsWith(`error: option '${option} <`), text);
      assert.ok(text.endsWith(`argument '${value}' is invalid. It must be ${rule}.`), text);
    });
  }

  it("fits its help and its refusals into a terminal", async () => {
    const help = await run(["--help"]);
    assert.equal(help.started, 0);
    assert.doesNotMatch(help.out, /\[\]/, "no empty list is a default to read");
    assert.match(help.out, /Until Ctrl\+C or\s+SIGTERM/);
    const { started, error } = await run(["--stack", "nosuch"]);
    assert.equal(started, 1);
    assert.match(error, /^Pulumi\.nosuch\.yaml: there is no such stack file/);
    for (const line of [...help.out.split("\n"), ...error.split("\n")]) assert.ok(line.length <= 80, line);
  });

  it("says that a port is in use", async () => {
    await withStandIn({}, async (url) => {
      const { port } = new URL(url);
      const { started, error } = await run(["--port", port]);
      assert.deepEqual([started, error], [1, `Port ${port} is in use: --port 0 takes any free one.`]);
    });
  });

  it("answers what it has on SIGTERM, and ends at once when it is told again", async () => {
    const [drains, ends] = await Promise.all([command("--time-scale", "20"), command("--time-scale", "0.001")]);
    const closed = [drains, ends].map(({ child }) => once(child, "close"));
    // 1,000 steps of some 22 ms at 20 times the speed; and at a thousandth of it.
    const body = { inputs: "a", parameters: { max_new_tokens: 1000 } };
    const streams: Response[] = [];
    for (const { child, played } of [drains, ends]) {
      streams.push(await post(played.url, "/generate_stream", body));
      const said = once(child.stderr, "data");
      child.kill("SIGTERM");
      assert.match(String((await said)[0]), /^Ending: 1 request is still/);
    }
    assert.equal((await events(streams[0] ?? assert.fail())).length, 1000);
    assert.deepEqual(await closed[0], [0, null]);
    ends.child.kill("SIGINT");
    assert.deepEqual(await closed[1], [130, null]);
    await assert.rejects(streams[1]?.text() ?? assert.fail());
    await until(() => ends.child.killed);
  });
});
