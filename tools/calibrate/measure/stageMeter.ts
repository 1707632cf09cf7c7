import { DDSketch } from "@datadog/sketches-js";
import { mean } from "d3-array";
import { meetsSlo, type Slo } from "../../simulate/world/figures";
import type { Estimate, Lengths, LoadObserver, Outcome, Result, ServerSample, Stage, StageFigures } from "../contract";
import { Agreement } from "./agreement";
import type { DutySample } from "./dutyCycle";
import { NORMAL_95, studentEstimate, wilsonEstimate } from "./statistics";
import { StreamCount } from "./streamCount";

const RELATIVE_ACCURACY = 0.01;
/** Equal parts of a single repetition whose means are taken for independent ones: the method of batch means. */
const PARTS = 10;
/** The server's gauges count with so many samples; fewer say less than the client's own count. */
const FEWEST_SAMPLES = 3;

/** One repetition. Times on the client's clock. */
interface Window {
  readonly from: number;
  readonly to: number;
  /** Served requests, and tokens, by part of the window. */
  readonly served: Float64Array;
  readonly tokens: Float64Array;
  readonly ttft: DDSketch;
  readonly tpot: DDSketch;
}

interface Report {
  readonly figures: StageFigures;
  readonly disagreements: readonly string[];
}

/**
 * Measures one load, over one or several repetitions. Memory does not grow with the requests.
 *
 * Requests count that were meant for the measured time (`isMeasured`); a rate is of what ended, or came, within it, so that
 * an overloaded server is not credited with what it answers after. Intervals are 95 %:
 *
 * - attainment: Wilson's, all repetitions together. Requests are taken for independent.
 * - rates: Student's over the repetitions; of a single one, over ten equal parts of it.
 * - 95th percentiles: Student's over the repetitions; of a single one, the order statistics' (binomial).
 */
export class StageMeter implements LoadObserver {
  private readonly windows: Window[] = [];
  private current: Window | undefined;
  private stage: Stage | undefined;
  /** What there was when the last repetition began. */
  private finished: Report | undefined;
  private isAbandoned = false;
  private readonly ttft = sketch();
  private readonly tpot = sketch();
  private readonly results: Record<Result, number> = {
    ...{ served: 0, overloaded: 0, rejected: 0, unfinished: 0, failed: 0 },
  };
  private met = 0;
  private readonly achieved = { inputTokens: 0, outputTokens: 0 };
  private readonly planned = { inputTokens: 0, outputTokens: 0 };
  private readonly gauges = { queue: 0, batch: 0, samples: 0 };
  private readonly streams = new StreamCount();
  private readonly agreement = new Agreement();

  /** @param epochOffset seconds since 1970 at which the client's clock stands at 0. */
  constructor(
    private readonly slo: Slo,
    private readonly epochOffset: number,
  ) {}

  /**
   * A repetition begins.
   *
   * @param at now, on the client's clock.
   * @throws when its load is another one than before.
   */
  begin(stage: Stage, at: number): void {
    if (this.stage !== undefined && JSON.stringify(this.stage.load) !== JSON.stringify(stage.load)) {
      throw new Error("the repetitions of a stage have one load");
    }
    this.finished = this.stage === undefined ? undefined : this.report();
    this.stage = stage;
    const from = at + stage.warmUpSeconds;
    const to = from + stage.seconds;
    const parts = () => new Float64Array(PARTS);
    this.current = { from, to, served: parts(), tokens: parts(), ttft: sketch(), tpot: sketch() };
    this.windows.push(this.current);
    this.streams.begin(from, to);
    this.agreement.begin();
  }

  /** The repetition that is under way does not come to its end, and counts for nothing. There is one before it. */
  abandon(): void {
    this.isAbandoned = true;
  }

  /** Of the time to first token so far, in seconds, in the middle of a repetition; NaN before anything was answered. */
  get ttftP95(): number {
    return quantiles(this.ttft).p95;
  }

  sent(id: number, _planned: Lengths, at: number): void {
    this.streams.sent(id, at);
  }

  tokens(id: number, count: number, at: number): void {
    this.streams.tokens(id, at);
    if (this.current !== undefined) add(this.current, "tokens", at, count);
  }

  ended(outcome: Outcome): void {
    const { result, endedAt } = outcome;
    this.streams.ended(outcome.id, endedAt);
    this.agreement.ended(outcome);
    if (result === "served" && this.current !== undefined) add(this.current, "served", endedAt, 1);
    if (!outcome.isMeasured) return;
    this.results[result] += 1;
    if (result === "served") this.serve(outcome);
  }

  scraped(sample: ServerSample): void {
    const { at, queue, batch } = sample;
    this.agreement.scraped(sample);
    const { current } = this;
    if (current === undefined || at < current.from || at > current.to) return;
    if (queue === undefined || batch === undefined) return;
    this.gauges.samples += 1;
    this.gauges.queue += queue;
    this.gauges.batch += batch;
  }

  /**
   * What was measured, over all repetitions so far.
   *
   * @param dutyCycle samples of the GPUs, of which those of the measured times count.
   * @throws before the first repetition.
   */
  figures(dutyCycle: readonly DutySample[] = []): StageFigures {
    const duty = mean(
      dutyCycle.filter(({ at }) => this.windows.some((it) => this.isWithin(it, at))),
      ({ percent }) => percent,
    );
    return { ...this.report().figures, ...(duty === undefined ? {} : { dutyCycle: duty }) };
  }

  /** What server and client do not agree on, a sentence each: somebody else uses the server, or not all was heard of. */
  disagreements(): readonly string[] {
    return this.report().disagreements;
  }

  private report(): Report {
    if (this.isAbandoned && this.finished !== undefined) return this.finished;
    this.streams.close();
    return { figures: this.ownFigures(), disagreements: this.ownDisagreements() };
  }

  private ownFigures(): StageFigures {
    const { stage, results, windows, gauges, streams } = this;
    const [first, last] = [windows[0], windows.at(-1)];
    if (stage === undefined || first === undefined || last === undefined) throw new Error("nothing was measured");
    const judged = Object.values(results).reduce((sum, count) => sum + count, 0) - results.rejected;
    const hasGauges = gauges.samples >= FEWEST_SAMPLES;
    const of = (sums: Lengths): Lengths => ({
      inputTokens: sums.inputTokens / results.served,
      outputTokens: sums.outputTokens / results.served,
    });
    return {
      load: stage.load,
      repetitions: windows.length,
      seconds: windows.reduce((sum, { from, to }) => sum + to - from, 0),
      requests: judged + results.rejected,
      results: { ...results },
      attainment: wilsonEstimate(this.met, judged),
      requestsPerSecond: rate(windows, "served"),
      tokensPerSecond: rate(windows, "tokens"),
      ttft: quantiles(this.ttft),
      ttftP95: percentile(windows, "ttft"),
      tpot: quantiles(this.tpot),
      tpotP95: percentile(windows, "tpot"),
      queue: hasGauges ? gauges.queue / gauges.samples : streams.queue,
      batch: hasGauges ? gauges.batch / gauges.samples : streams.batch,
      clientQueue: streams.queue,
      clientBatch: streams.batch,
      achieved: of(this.achieved),
      planned: of(this.planned),
      from: first.from + this.epochOffset,
      to: last.to + this.epochOffset,
    };
  }

  private ownDisagreements(): readonly string[] {
    const { samples, queue, batch } = this.gauges;
    const gauges = samples < FEWEST_SAMPLES ? undefined : { queue: queue / samples, batch: batch / samples };
    return this.agreement.disagreements(gauges, this.streams);
  }

  private serve(outcome: Outcome): void {
    const { planned, firstTokenAt, lastTokenAt, intendedAt, outputTokens } = outcome;
    this.achieved.inputTokens += outcome.inputTokens ?? planned.inputTokens;
    this.achieved.outputTokens += outputTokens;
    this.planned.inputTokens += planned.inputTokens;
    this.planned.outputTokens += planned.outputTokens;
    // An answer without a token has no time to the first: its end stands for it.
    const ttft = (firstTokenAt ?? outcome.endedAt) - intendedAt;
    const later = outputTokens - 1;
    const tpot =
      later > 0 && firstTokenAt !== undefined && lastTokenAt !== undefined
        ? (lastTokenAt - firstTokenAt) / later
        : undefined;
    for (const it of [this.ttft, this.current?.ttft]) it?.accept(ttft);
    if (tpot !== undefined) for (const it of [this.tpot, this.current?.tpot]) it?.accept(tpot);
    if (meetsSlo(this.slo, ttft, tpot)) this.met += 1;
  }

  private isWithin({ from, to }: Window, at: number): boolean {
    return at >= from + this.epochOffset && at <= to + this.epochOffset;
  }
}

function sketch(): DDSketch {
  return new DDSketch({ relativeAccuracy: RELATIVE_ACCURACY });
}

function add(window: Window, what: "served" | "tokens", at: number, count: number): void {
  const { from, to } = window;
  if (at < from || at >= to) return;
  const part = Math.min(PARTS - 1, Math.floor(((at - from) / (to - from)) * PARTS));
  window[what][part] = (window[what][part] ?? 0) + count;
}

function rate(windows: readonly Window[], what: "served" | "tokens"): Estimate {
  const perSecond = windows.map(({ from, to, [what]: parts }) => parts.map((it) => it / (to - from)));
  const [only] = perSecond;
  if (only !== undefined && perSecond.length === 1) return studentEstimate([...only].map((it) => it * PARTS));
  return studentEstimate(perSecond.map((parts) => parts.reduce((sum, it) => sum + it, 0)));
}

function percentile(windows: readonly Window[], what: "ttft" | "tpot"): Estimate {
  const sketches = windows.map(({ [what]: it }) => it).filter(({ count }) => count > 0);
  const [only] = sketches;
  if (only === undefined || sketches.length > 1) {
    return studentEstimate(sketches.map((it) => it.getValueAtQuantile(0.95)));
  }
  const half = NORMAL_95 * Math.sqrt((0.95 * 0.05) / only.count);
  const at = (quantile: number) => (quantile > 1 ? Number.NaN : only.getValueAtQuantile(Math.max(0, quantile)));
  // With few requests, no order statistic lies far enough above: there is no upper end.
  return { mean: at(0.95), low: at(0.95 - half), high: at(0.95 + half) };
}

function quantiles(of: DDSketch) {
  const at = (quantile: number) => (of.count === 0 ? Number.NaN : of.getValueAtQuantile(quantile));
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}
