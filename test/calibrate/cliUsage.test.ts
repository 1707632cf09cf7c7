import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse as parseYaml } from "yaml";
import { ServerFault } from "../../tools/calibrate/load/faults";
import { whileReadOnly } from "../support/readOnly";
import { chatsOf, QUICK, Workplace } from "./workplace";

describe("npm run calibrate, before it measures", function () {
  this.timeout(60_000);
  let place: Workplace;
  beforeEach(() => {
    place = new Workplace();
  });
  afterEach(() => place.remove());

  for (const [what, args, around, code, message] of [
    ["another model", QUICK, { modelId: "a/b" }, 1, /serves a\/b, and the stack google\/gemma-2-2b-it: choose/],
    [
      "a fault",
      QUICK,
      { fault: new ServerFault("unreachable", "nothing listens there") },
      1,
      /^nothing listens there$/,
    ],
    ["samples that are not there", ["--duty-cycle", "no.csv"], {}, 1, /no\.csv: cannot be read/],
    ["an unknown traffic", ["--traffic", "conversatoin"], {}, 2, /Did\s+you\s+mean\s+conversation\?/],
    ["no load at all", ["--max-concurrency", "0"], {}, 2, /whole\s+number\s+from\s+1/],
    ["no time", ["--step-seconds", "0"], {}, 2, /must\s+be\s+a\s+number\s+above\s+0/],
    ["a variable that is none", ["--bearer-env", "MY TOKEN"], {}, 2, /must\s+be\s+a\s+variable's\s+name/],
    ["another API", ["--api", "grpc"], {}, 2, /Allowed\s+choices\s+are\s+tgi,\s+openai/],
    ["a stack that is not there", ["--stack", "nope"], {}, 1, /there is no such stack file/],
    ["a wrong stack", ["--set", "maxReplicas=x"], {}, 1, /maxReplicas \("x"\)/],
    ["a Job with a token", ["--in-cluster", "--bearer-env", "TOKEN"], {}, 2, /cannot be used with/],
    ["a Job that should write", ["--in-cluster", "--write"], {}, 2, /cannot be used with/],
  ] as const) {
    it(`refuses ${what}, and writes nothing`, async () => {
      const { code: found, out, error } = await place.run(args, around);
      assert.equal(found, code, error);
      assert.equal(out, "");
      assert.match(error, message);
      assert.deepEqual(place.files(), []);
    });
  }

  it("says before it measures that samples are of no use, or that nothing can be written", async () => {
    const file = join(place.folder, "duty.csv");
    writeFileSync(file, "time,duty\n1,2\n");
    const wrong = await place.run([...place.short, "--duty-cycle", file]);
    assert.deepEqual([wrong.code, wrong.ended], [1, 0]);
    assert.match(wrong.error, /expected\s+timestamp,duty_cycle/);
    writeFileSync(join(place.folder, "out"), "a file");
    const full = await place.run(place.short);
    assert.deepEqual([full.code, full.ended], [1, 0]);
    assert.match(full.error, /cannot\s+be\s+written/);
  });

  it("says before it measures that the stack file cannot be replaced, as its folder is read-only", async () => {
    const run = () => place.run([...place.short, "--write"]);
    const { code, error, ended } = await whileReadOnly(place.folder, run);
    assert.deepEqual([code, ended], [1, 0]);
    assert.match(error.replace(/\s+/g, " "), /Pulumi\.dev\.yaml: cannot be written \(EROFS/);
  });

  it("takes a trace into the Job, whatever its name", async () => {
    const trace = join(place.folder, "trace");
    writeFileSync(trace, chatsOf(50));
    const { code, out } = await place.run(["--in-cluster", "--traffic", trace]);
    assert.equal(code, 0);
    assert.match(out, /- trace\.csv\n/);
    assert.match(out, / {2}trace\.csv: \|/);
  });

  it("prints a Job that needs nothing but Node, without the stack's secrets", async () => {
    writeFileSync(
      join(place.folder, "Pulumi.dev.yaml"),
      `${place.stackFile()}\n  gke-llm-autoscaling:huggingFaceToken: hf_secret\n  gke-llm-autoscaling:gpuZones: [us-central1-a]\n`,
    );
    const { code, out, error } = await place.run(["--in-cluster", "--traffic", "code"]);
    assert.equal(code, 0, error);
    assert.ok(!out.includes("hf_secret"));
    assert.match(out, /kind: Job/);
    assert.match(out, /- code\n/);
    assert.ok(Buffer.byteLength(out) < 1024 * 1024);
  });

  it("gives the Job the time that slow answers take", async () => {
    const deadline = async (...args: readonly string[]) => {
      const { out } = await place.run(["--in-cluster", ...args]);
      return Number(/activeDeadlineSeconds: (\d+)/.exec(out)?.[1]);
    };
    // Of 230 tokens each, at half a second a token: each of twelve rates takes six minutes, and they are not all.
    assert.ok((await deadline("--slo-tpot", "500ms")) > 12 * 360);
    assert.ok((await deadline("--slo-tpot", "500ms")) > 1.5 * (await deadline()));
  });

  it("keeps the Job in a file where a person would see it scroll by, and says what to do with it", async () => {
    const { code, out } = await place.run(["--in-cluster", "--traffic", "code"], { isScreen: true });
    assert.equal(code, 0);
    assert.deepEqual(place.files(), ["calibrate-job.yaml"]);
    assert.match(place.written("calibrate-job.yaml"), /kind: Job/);
    assert.doesNotMatch(out, /kind: Job/);
    const [, path] = /^ +kubectl create -f (.*)$/m.exec(out) ?? assert.fail(out);
    assert.equal(readFileSync(path ?? "", "utf8"), place.written("calibrate-job.yaml"));
    assert.match(out, /^ +kubectl -n default logs --follow job\/tgi-calibrate /m);
    assert.ok(out.split("\n").length < 30);
  });

  it("writes the same loads for inference-perf, and measures nothing", async () => {
    const { code, out } = await place.run(["--export", "inference-perf", "--url", "http://localhost:9000"]);
    assert.equal(code, 0);
    assert.deepEqual(place.files(), ["inference-perf-closed.yaml", "inference-perf-open.yaml"]);
    for (const name of place.files()) {
      const { server, data } = parseYaml(place.written(name));
      assert.equal(server.base_url, "http://localhost:9000");
      assert.ok(data.input_distribution.max <= 4096, "longer ones would be refused");
      assert.ok(out.includes(name));
    }
    const stages = (name: string) => parseYaml(place.written(name)).load.stages;
    // Doubled until the roofline expects the time per token to miss the SLO.
    assert.deepEqual(
      stages("inference-perf-closed.yaml").map((it: Record<string, number>) => it.concurrency_level),
      [1, 2, 4, 8, 16, 32, 64],
    );
    assert.deepEqual(
      stages("inference-perf-open.yaml").map((it: Record<string, number>) => it.duration),
      [30, 30, 30, 30],
    );
  });

  it("names the tokens that inference-perf needs, and puts none into its files", async () => {
    const args = ["--export", "inference-perf", "--url", "https://gateway.example/gemma/v1/", "--bearer-env", "TOKEN"];
    const { code, out } = await place.run(args);
    assert.equal(code, 0);
    assert.match(out, /inference-perf-open\.yaml --server\.api_key "\$TOKEN"$/m);
    for (const line of out.split("\n")) assert.ok(line.length <= 80 || /^ {2}inference-perf /.test(line), line);
    assert.match(out.replace(/\s+/g, " "), /tokenizer of google\/gemma-2-2b-it .* set HF_TOKEN in its environment/);
    for (const name of place.files()) {
      assert.match(place.written(name), /# .*HF_TOKEN must be set/);
      assert.equal(parseYaml(place.written(name)).server.base_url, "https://gateway.example/gemma");
    }
    const { code: refused, error } = await place.run(["--export", "inference-perf", "--url", "localhost:8000"]);
    assert.equal(refused, 1);
    assert.match(error, /not an address/);
  });

  it("prints commands that can be pasted, wherever its files are", async () => {
    const folder = join(place.folder, "my out");
    const { out } = await place.run(["--export", "inference-perf"], { folder });
    assert.match(out, /--config_file '.*\/my out\/dev\/inference-perf-open\.yaml'$/m);
    const job = await place.run(["--in-cluster", "--traffic", "code"], { folder, isScreen: true });
    assert.ok(job.out.includes(`kubectl create -f '${join(folder, "dev", "calibrate-job.yaml")}'`), job.out);
  });

  it("has no loads for inference-perf of requests that the server would refuse", async () => {
    const trace = join(place.folder, "long.csv");
    writeFileSync(trace, "timestamp,input_tokens,output_tokens\n0,5000,10\n1,6000,10\n");
    const { code, error } = await place.run(["--export", "inference-perf", "--traffic", trace]);
    assert.equal(code, 1);
    assert.match(error.replace(/\s+/g, " "), /longer than the server's limits \(4096 tokens of input, 8192 in all\)\./);
    assert.deepEqual(place.files(), []);
    writeFileSync(trace, "timestamp,input_tokens,output_tokens\n0,0,10\n1,0,0\n");
    const empty = await place.run(["--export", "inference-perf", "--traffic", trace]);
    assert.equal(empty.code, 0, empty.error);
    assert.equal(parseYaml(place.written("inference-perf-open.yaml")).data.input_distribution.max, 1);
  });

  it("cannot say which loads suit a model that is not in the catalogue", async () => {
    const unknown = ["modelId=a/b", "gpusPerReplica=1", "serverMemory=16Gi", "serverDisk=20Gi"];
    const set = unknown.flatMap((it) => ["--set", it]);
    const { code, error } = await place.run(["--export", "inference-perf", ...set]);
    assert.equal(code, 1);
    assert.match(error, /a\/b is not in the catalogue/);
    assert.deepEqual(place.files(), []);
  });
});
