import assert from "node:assert/strict";
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { parse as parseYaml } from "yaml";
import { rooflineStepTimes } from "../../autoscaling/roofline";
import { MODELS } from "../../catalog/models";
import { runCalibrate, type Surroundings } from "../../tools/calibrate/cli";
import { type LoadedServer, ServerLost } from "../../tools/calibrate/contract";
import { ServerFault } from "../../tools/calibrate/load/faults";
import { loadStack } from "../../tools/plan/load";
import { parseCalibration } from "../../tools/simulate/server/calibration";
import { digestOf } from "../../tools/simulate/server/digest";
import { chats, VirtualServer, type VirtualServerOptions } from "../support/virtualServer";

const ROOT = join(__dirname, "..", "..");
const MODEL = MODELS.get("google/gemma-2-2b-it");
assert.ok(MODEL !== undefined);
const TIMES = rooflineStepTimes({ model: MODEL, accelerator: "nvidia-l4", gpus: 1 });
/** Short, since nothing depends on how well it is measured. */
const QUICK = ["--step-seconds", "10", "--repetitions", "1", "--max-concurrency", "16", "--set", "maxReplicas=4"];

const FIVE_MINUTES = 300;

/** Chats, one a second. */
function chatsOf(seconds: number): string {
  const lengths = chats();
  const rows = Array.from({ length: seconds }, (_, at) => {
    const { inputTokens, outputTokens } = lengths.next().value;
    return [at, inputTokens, outputTokens].join();
  });
  return ["timestamp,input_tokens,output_tokens", ...rows].join("\n");
}

interface Around {
  readonly server?: Partial<VirtualServerOptions>;
  readonly modelId?: string;
  /** Puts something between the command and the server. */
  readonly through?: (server: VirtualServer, abort: () => void) => LoadedServer;
  readonly fault?: Error;
  readonly isStandIn?: boolean;
  readonly isScreen?: boolean;
}

describe("npm run calibrate", function () {
  this.timeout(60_000);
  let folder: string;
  /** A trace is simulated once, where a profile is simulated for hours. */
  let SHORT: readonly string[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "calibrate-"));
    const trace = join(folder, "trace.csv");
    writeFileSync(trace, chatsOf(FIVE_MINUTES));
    SHORT = [...QUICK, "--traffic", trace];
    for (const name of ["Pulumi.yaml", "Pulumi.dev.yaml"]) copyFileSync(join(ROOT, name), join(folder, name));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function run(args: readonly string[], around: Around = {}) {
    const out: string[] = [];
    const error: string[] = [];
    const interruption = new AbortController();
    let ended = 0;
    const virtual = new VirtualServer({ times: TIMES, jitter: 0.03, ...around.server });
    const reach: Surroundings["reach"] = async () => {
      if (around.fault !== undefined) throw around.fault;
      const loaded = around.through?.(virtual, () => interruption.abort()) ?? virtual;
      const info = {
        ...{
          api: "tgi" as const,
          modelId: around.modelId ?? "google/gemma-2-2b-it",
          version: "2.4.0",
          isStandIn: around.isStandIn ?? false,
        },
        ...{ maxConcurrentRequests: 345, maxInputTokens: 4096, maxTotalTokens: 8192, hasMetrics: true },
      };
      const server = { info, run: loaded.run.bind(loaded), close: async () => {} };
      const end = async () => {
        ended += 1;
      };
      return { server, now: () => virtual.now, end };
    };
    const code = await runCalibrate([...args, "--out", join(folder, "out")], {
      directory: folder,
      ...{ out: (text) => out.push(text), error: (text) => error.push(text) },
      terminal: new Writable({ write: (_chunk, _encoding, done) => done() }),
      isScreen: around.isScreen ?? false,
      ...{ color: false, env: {}, reach, signal: interruption.signal, released: () => {} },
    });
    return { code, out: out.join("\n"), error: error.join("\n"), ended };
  }
  const files = () => (existsSync(join(folder, "out", "dev")) ? readdirSync(join(folder, "out", "dev")).sort() : []);
  const written = (name: string) => readFileSync(join(folder, "out", "dev", name), "utf8");
  const stackFile = () => readFileSync(join(folder, "Pulumi.dev.yaml"), "utf8");

  it("ends with a target, a calibration that the simulator reads, and both in the stack file", async () => {
    const before = stackFile();
    const { code, out, error, ended } = await run([...SHORT, "--set", "metricStrategy=batch-size", "--write"]);
    assert.equal(code, 0, error);
    assert.equal(ended, 1);
    assert.match(out, /Measured on a running server\./);
    assert.match(out, /Only \d\d? requests were measured at the knee/);
    assert.deepEqual(files(), ["calibration.html", "calibration.json"]);
    const text = written("calibration.json");
    const { decodeBaseSeconds, model, gpus } = parseCalibration(text, "calibration.json");
    assert.ok(Math.abs(decodeBaseSeconds / TIMES.decodeBaseSeconds - 1) < 0.1, String(decodeBaseSeconds));
    assert.deepEqual([model, gpus], ["google/gemma-2-2b-it", 1]);

    const config = parseYaml(stackFile()).config;
    assert.equal(config["gke-llm-autoscaling:calibration"], digestOf(text));
    assert.equal(config["gke-llm-autoscaling:metricStrategy"], "batch-size");
    const target = config["gke-llm-autoscaling:metricTarget"];
    assert.match(
      out,
      new RegExp(
        `^One server holds \\d[.\\d]* requests a second within\\s+the\\s+SLO,\\s+simulated\\s+with\\s+the\\s+step\\s+times\\s+that\\s+were\\s+measured;\\s+the\\s+target\\s+for\\s+batch-size\\s+is\\s+${target}\\.`,
      ),
    );
    assert.match(out, /Targets\n {2}The HPA adds a replica only above target × 1\.1/);
    const said = out.slice(out.indexOf("below config:"));
    for (const key of ["metricTarget", "calibration", "scaleBehavior"]) {
      assert.equal(
        said.includes(`gke-llm-autoscaling:${key}:`),
        config[`gke-llm-autoscaling:${key}`] !== undefined,
        key,
      );
    }
    for (const comment of before.match(/#.*/g) ?? []) assert.ok(stackFile().includes(comment), comment);
    const { parsed } = loadStack({ directory: folder, stack: "dev", overrides: [] });
    assert.deepEqual(parsed.verdict.problems, []);
    assert.deepEqual(parsed.config?.autoscaler.metrics, [{ strategy: "batch-size", target }]);
    // Lines for the stack file, and paths, stay whole.
    for (const line of out.split("\n"))
      assert.ok(line.length <= 80 || /^ {2}gke-llm-autoscaling:|^(Calibration|Charts): /.test(line), line);
  });

  it("answers a program with one document, and says meanwhile how far it is", async () => {
    const { code, out, error } = await run([...SHORT, "--set", "metricStrategy=batch-size", "--json"]);
    assert.equal(code, 0);
    const answer = JSON.parse(out);
    assert.equal(answer.calibrationFile, written("calibration.json"));
    assert.ok(answer.stages.length > 6);
    // Minutes of silence look like a fault: how far it is goes where no program reads.
    const said = error.split("\n");
    assert.equal(said.length, answer.stages.length);
    for (const line of said) assert.match(line, /^\d+\/\d+, .+, TTFT p95 [\d.]+ m?s$/);
  });

  it("says so where not even one client at a time gets what the SLO asks for, and writes nothing", async () => {
    const before = stackFile();
    const { code, out, error } = await run([...SHORT, "--slo-tpot", "5ms", "--write"]);
    assert.equal(code, 1);
    assert.match(out, /^The SLO is not met even under the lightest load, \S+ a second: no target/);
    assert.match(error, /nothing is written, since the stack's strategy has no target that holds/);
    assert.deepEqual(files(), ["calibration.html"]);
    assert.equal(stackFile(), before);
  });

  it("reports what it has when it is interrupted, marked as incomplete, and leaves the stack file alone", async () => {
    const before = stackFile();
    const interrupted = (server: VirtualServer, abort: () => void): LoadedServer => {
      let stages = 0;
      return {
        run: async (stage, lengths, observer, signal) => {
          stages += 1;
          if (stages === 4) abort();
          await server.run(stage, lengths, observer, signal);
        },
      };
    };
    const { code, out, error } = await run([...SHORT, "--write"], { through: interrupted });
    assert.equal(code, 130);
    assert.match(out, /Incomplete: it was interrupted\./);
    assert.deepEqual(out.match(/\d at once +\d/g)?.length, 3);
    assert.match(error, /nothing is written, since the measuring was not finished/);
    assert.match(written("calibration.html"), /interrupted/);
    assert.equal(stackFile(), before);
  });

  it("keeps a load's finished repetitions when a later one is interrupted", async () => {
    const interrupted = (server: VirtualServer, abort: () => void): LoadedServer => {
      const seen = new Set<string>();
      return {
        run: async (stage, lengths, observer, signal) => {
          const load = JSON.stringify(stage.load);
          await server.run(stage, lengths, observer, signal);
          if (stage.load.kind === "open" && seen.has(load)) abort();
          seen.add(load);
        },
      };
    };
    const args = [...SHORT, "--repetitions", "2", "--json"];
    const { code, out } = await run(args, { through: interrupted });
    assert.equal(code, 130);
    const open = JSON.parse(out).stages.filter(({ load }: { load: { kind: string } }) => load.kind === "open");
    assert.deepEqual(
      open.map(({ repetitions, measuredSeconds }: Record<string, number>) => [
        repetitions,
        Math.round(measuredSeconds ?? 0),
      ]),
      [[1, 10]],
    );
  });

  it("reports what it has when the server dies", async () => {
    const dying = (server: VirtualServer): LoadedServer => {
      let stages = 0;
      return {
        run: async (stage, lengths, observer, signal) => {
          stages += 1;
          if (stages === 3) throw new ServerLost("the server is gone: 20 requests in a row found none.");
          await server.run(stage, lengths, observer, signal);
        },
      };
    };
    const { code, out } = await run(SHORT, { through: dying });
    assert.equal(code, 130);
    assert.match(out, /Incomplete: the server is gone: 20 requests in a row found none\./);
  });

  it("goes on without the server's metrics", async () => {
    const { code, out } = await run([...SHORT, "--set", "metricStrategy=batch-size"], {
      server: { hasMetrics: false },
    });
    assert.equal(code, 0);
    assert.match(out, /the\s+target\s+for\s+batch-size/);
  });

  it("says where the server is not as the stack has it", async () => {
    const { out } = await run([...SHORT, "--set", "maxInputTokens=2048"]);
    assert.match(out, /The server has maxInputTokens 4096, and the stack 2048\./);
  });

  it("names another strategy where the stack's own has no target, and leaves the choice to people", async () => {
    const before = stackFile();
    const { code, out, error } = await run([...SHORT, "--set", "metricStrategy=gke-duty-cycle", "--write"]);
    assert.equal(code, 1);
    assert.match(out, /own\s+strategy\s+has\s+no\s+target\s+that\s+does,\s+(batch|queue)-size\s+at\s+\d/);
    assert.match(out, /:metricStrategy: (batch|queue)-size\n {2}gke-llm-autoscaling:metricTarget: \d/);
    assert.match(error, /nothing is written/);
    assert.equal(stackFile(), before);
  });

  it("says so where not even all replicas hold the traffic, and writes nothing", async () => {
    const before = stackFile();
    const args = [...SHORT, "--set", "metricStrategy=batch-size", "--set", "maxReplicas=1", "--rate", "20", "--write"];
    const { code, out } = await run(args);
    assert.equal(code, 1);
    assert.match(out.replace(/\s+/g, " "), /measured; simulated, all replicas that this stack may have do not hold/);
    assert.match(
      out.replace(/\s+/g, " "),
      /this stack cannot hold the load: with all of maxReplicas \(1\) ready from the start/,
    );
    assert.equal(stackFile(), before);
  });

  it("marks what was measured on the stand-in, in all that it writes", async () => {
    const { out } = await run([...SHORT, "--set", "metricStrategy=batch-size"], { isStandIn: true });
    assert.match(out, /Measured on the stand-in: its step times are simulated, no GPU ran/);
    assert.match(written("calibration-stand-in.html"), /Measured on the stand-in/);
    assert.match(written("calibration-stand-in.json"), /Measured on the stand-in/);
  });

  it("leaves the calibration of a real server where it is when it measures the stand-in", async () => {
    const args = [...SHORT, "--set", "metricStrategy=batch-size"];
    await run(args);
    const [file, page] = [written("calibration.json"), written("calibration.html")];
    const { out } = await run(args, { isStandIn: true });
    assert.deepEqual([written("calibration.json"), written("calibration.html")], [file, page]);
    assert.match(out, /^Calibration: \S+calibration-stand-in\.json /m);
    assert.match(out, /^Charts: \S+calibration-stand-in\.html$/m);
  });

  it("lets go of a server that turns out to be of no use", async () => {
    const useless = (): LoadedServer => ({
      run: async () => {
        throw new ServerFault("buffered-stream", "tokens are held back");
      },
    });
    const { code, error, ended } = await run(SHORT, { through: useless });
    assert.deepEqual([code, error, ended], [1, "tokens are held back", 1]);
    assert.deepEqual(files(), []);
  });

  it("tries targets on no more traffic than half of maxReplicas hold, unless a rate was asked for", async () => {
    const rateOf = async (...more: readonly string[]) => {
      const { out } = await run([...SHORT, ...more, "--json"]);
      const answer = JSON.parse(out);
      const [, rate] = /recorded, ([\d.]+) requests\/s/.exec(answer.assumptions.join("\n")) ?? assert.fail(out);
      return { rate: Number(rate), held: answer.knee.requestsPerSecond };
    };
    // The trace has one a second.
    assert.equal((await rateOf("--set", "maxReplicas=4")).rate, 1);
    const { rate, held } = await rateOf("--set", "maxReplicas=1");
    assert.ok(Math.abs(rate - held / 2) < 0.01, `${rate} of ${held}`);
    assert.equal((await rateOf("--set", "maxReplicas=1", "--rate", "0.9")).rate, 0.9);
  });

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
    ["another API", ["--api", "grpc"], {}, 2, /Allowed\s+choices\s+are\s+tgi,\s+openai/],
    ["a stack that is not there", ["--stack", "nope"], {}, 1, /there is no such stack file/],
    ["a wrong stack", ["--set", "maxReplicas=x"], {}, 1, /maxReplicas \("x"\)/],
    ["a Job with a token", ["--in-cluster", "--bearer-env", "TOKEN"], {}, 2, /cannot be used with/],
    ["a Job that should write", ["--in-cluster", "--write"], {}, 2, /cannot be used with/],
  ] as const) {
    it(`refuses ${what}, and writes nothing`, async () => {
      const { code: found, out, error } = await run(args, around);
      assert.equal(found, code, error);
      assert.equal(out, "");
      assert.match(error, message);
      assert.deepEqual(files(), []);
    });
  }

  it("says before it measures that samples are of no use, or that nothing can be written", async () => {
    const file = join(folder, "duty.csv");
    writeFileSync(file, "time,duty\n1,2\n");
    const wrong = await run([...SHORT, "--duty-cycle", file]);
    assert.deepEqual([wrong.code, wrong.ended], [1, 0]);
    assert.match(wrong.error, /expected\s+timestamp,duty_cycle/);
    writeFileSync(join(folder, "out"), "a file");
    const full = await run(SHORT);
    assert.deepEqual([full.code, full.ended], [1, 0]);
    assert.match(full.error, /cannot\s+be\s+written/);
  });

  it("takes a trace into the Job, whatever its name", async () => {
    const trace = join(folder, "trace");
    writeFileSync(trace, chatsOf(50));
    const { code, out } = await run(["--in-cluster", "--traffic", trace]);
    assert.equal(code, 0);
    assert.match(out, /- trace\.csv\n/);
    assert.match(out, / {2}trace\.csv: \|/);
  });

  it("reads the GPU's duty cycle, and has a target for its signals", async () => {
    const file = join(folder, "duty.csv");
    const now = Date.now() / 1000;
    const samples = Array.from({ length: 600 }, (_, second) => `${(now + second).toFixed(0)},${80 + (second % 10)}`);
    writeFileSync(file, ["timestamp,duty_cycle", ...samples].join("\n"));
    const { code, out } = await run([...SHORT, "--duty-cycle", file, "--set", "metricStrategy=gke-duty-cycle"]);
    assert.equal(code, 0);
    assert.match(out, /gke-duty-cycle \(the stack's own\): (target \d|no target \(at the knee 8\d)/);
  });

  it("prints a Job that needs nothing but Node, without the stack's secrets", async () => {
    writeFileSync(
      join(folder, "Pulumi.dev.yaml"),
      `${stackFile()}\n  gke-llm-autoscaling:huggingFaceToken: hf_secret\n  gke-llm-autoscaling:gpuZones: [us-central1-a]\n`,
    );
    const { code, out, error } = await run(["--in-cluster", "--traffic", "code"]);
    assert.equal(code, 0, error);
    assert.ok(!out.includes("hf_secret"));
    assert.match(out, /kind: Job/);
    assert.match(out, /- code\n/);
    assert.ok(Buffer.byteLength(out) < 1024 * 1024);
  });

  it("keeps the Job in a file where a person would see it scroll by, and says what to do with it", async () => {
    const { code, out } = await run(["--in-cluster", "--traffic", "code"], { isScreen: true });
    assert.equal(code, 0);
    assert.deepEqual(files(), ["calibrate-job.yaml"]);
    assert.match(written("calibrate-job.yaml"), /kind: Job/);
    assert.doesNotMatch(out, /kind: Job/);
    const [, path] = /^ +kubectl create -f (.*)$/m.exec(out) ?? assert.fail(out);
    assert.equal(readFileSync(path ?? "", "utf8"), written("calibrate-job.yaml"));
    assert.match(out, /^ +kubectl -n default logs --follow job\/tgi-calibrate /m);
    assert.ok(out.split("\n").length < 30);
  });

  it("writes the same loads for inference-perf, and measures nothing", async () => {
    const { code, out } = await run(["--export", "inference-perf", "--url", "http://localhost:9000"]);
    assert.equal(code, 0);
    assert.deepEqual(files(), ["inference-perf-closed.yaml", "inference-perf-open.yaml"]);
    for (const name of files()) {
      const { server, data } = parseYaml(written(name));
      assert.equal(server.base_url, "http://localhost:9000");
      assert.ok(data.input_distribution.max <= 4096, "longer ones would be refused");
      assert.ok(out.includes(name));
    }
    const stages = (name: string) => parseYaml(written(name)).load.stages;
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
    const { code, out } = await run(args);
    assert.equal(code, 0);
    assert.match(out, /inference-perf-open\.yaml --server\.api_key "\$TOKEN"$/m);
    assert.match(out.replace(/\s+/g, " "), /tokenizer of google\/gemma-2-2b-it .* set HF_TOKEN in its environment/);
    for (const name of files()) {
      assert.match(written(name), /# .*HF_TOKEN must be set/);
      assert.equal(parseYaml(written(name)).server.base_url, "https://gateway.example/gemma");
    }
    const { code: refused, error } = await run(["--export", "inference-perf", "--url", "localhost:8000"]);
    assert.equal(refused, 1);
    assert.match(error, /not an address/);
  });

  it("cannot say which loads suit a model that is not in the catalogue", async () => {
    const unknown = ["modelId=a/b", "gpusPerReplica=1", "serverMemory=16Gi", "serverDisk=20Gi"];
    const set = unknown.flatMap((it) => ["--set", it]);
    const { code, error } = await run(["--export", "inference-perf", ...set]);
    assert.equal(code, 1);
    assert.match(error, /a\/b is not in the catalogue/);
    assert.deepEqual(files(), []);
  });
});
