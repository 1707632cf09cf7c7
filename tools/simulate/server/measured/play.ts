import type { StepTimes } from "../../../../autoscaling/roofline";
import type { ServerLimits } from "../limits";
import { Replica } from "../replica";
import { type Served, type ServerRequest, tpotSeconds, ttftSeconds } from "../request";
import type { Experiment, Lengths, Load, Metric } from "./point";

/** From an answer to the client's next request, and between two requests that are sent "at once", in seconds. */
const CLIENT_SECONDS = 0.002;
/** A closed loop is measured over so many requests a client, the first quarter left out. */
const REQUESTS_A_CLIENT = 20;
const FEWEST_REQUESTS = 100;
/** Fractional parts of their multiples fill an interval evenly, and independently of each other. */
const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;
const SILVER_RATIO = Math.SQRT2 - 1;

type Outcome = Readonly<Record<Metric, number>>;

/** What the replica model does in an experiment. The same on every run. */
export function play(experiment: Experiment, times: StepTimes, statistic: "mean" | "median"): Outcome {
  const bench = new Bench(experiment.limits, times, experiment.input, experiment.output);
  const { served, since } = playLoad(bench, experiment.load);
  const over = statistic === "mean" ? mean : median;
  const latencies = served.map((it) => (it.finishedAt - it.arrivedAt) / it.request.outputTokens);
  const tokens = served.reduce((sum, it) => sum + it.request.outputTokens, 0);
  return {
    ttftMs: 1000 * over(served.map(ttftSeconds)),
    tpotMs: 1000 * over(served.map((it) => tpotSeconds(it) ?? 0)),
    latencyPerTokenMs: 1000 * over(latencies),
    tokensPerSecond: tokens / ((served.at(-1)?.finishedAt ?? Number.NaN) - since),
  };
}

/** Requests in the order in which they were answered, and the moment since when all answers are among them. */
interface Answers {
  readonly served: readonly Served<ServerRequest>[];
  readonly since: number;
}

function playLoad(bench: Bench, load: Load): Answers {
  switch (load.kind) {
    case "closed":
      return closedLoop(bench, load.clients, load.requests);
    case "burst":
      bench.burst(load.requests);
      break;
    case "open":
      // What a run of random arrivals shows depends on the run: the benchmarks, too, take three.
      for (let run = 0; run < 3; run += 1) bench.open(load.perSecond, load.requests);
      break;
  }
  return { served: bench.served, since: 0 };
}

function closedLoop(bench: Bench, clients: number, answers: number | undefined): Answers {
  const requests = answers ?? Math.max(FEWEST_REQUESTS, REQUESTS_A_CLIENT * clients);
  bench.send(clients);
  while (bench.served.length < requests) {
    const before = bench.served.length;
    bench.step();
    bench.send(bench.served.length - before);
  }
  const leftOut = answers === undefined ? requests / 4 : 0;
  return { served: bench.served.slice(leftOut), since: bench.served[leftOut - 1]?.finishedAt ?? 0 };
}

/** A server and a client's endless supply of requests. */
class Bench {
  readonly served: Served<ServerRequest>[] = [];
  private readonly replica: Replica<ServerRequest>;
  private now = 0;
  private sent = 0;
  private seed = 1;

  constructor(
    limits: ServerLimits,
    times: StepTimes,
    private readonly input: Lengths,
    private readonly output: Lengths,
  ) {
    this.replica = new Replica(limits, times, {
      finished: (served) => this.served.push(served),
      dropped: () => {},
    });
  }

  step(): void {
    this.now = this.replica.nextEventAt;
    this.replica.advance(this.now);
  }

  send(count: number): void {
    for (let i = 0; i < count; i += 1) {
      this.now += CLIENT_SECONDS;
      this.replica.offer(this.next(), this.now);
    }
  }

  burst(count: number): void {
    this.send(count);
    this.finish();
  }

  open(perSecond: number, count: number): void {
    for (let i = 0; i < count; i += 1) {
      this.now -= Math.log(1 - this.random()) / perSecond;
      this.replica.offer(this.next(), this.now);
    }
    this.finish();
  }

  private finish(): void {
    while (this.replica.nextEventAt < Number.POSITIVE_INFINITY) this.step();
  }

  private next(): ServerRequest {
    this.sent += 1;
    const outputTokens = nth(this.sent, this.output, GOLDEN_RATIO);
    return { inputTokens: nth(this.sent, this.input, SILVER_RATIO), outputTokens, maxNewTokens: outputTokens };
  }

  /** Numerical Recipes' linear congruential generator. */
  private random(): number {
    this.seed = (Math.imul(this.seed, 1_664_525) + 1_013_904_223) >>> 0;
    return this.seed / 2 ** 32;
  }
}

function nth(n: number, { mean, spread }: Lengths, step: number): number {
  return Math.max(1, Math.round(mean * (1 + spread * (2 * ((n * step) % 1) - 1))));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2;
}
