import type { OutgoingHttpHeaders } from "node:http";
import type { Timings } from "./engine";
import type { Exchange } from "./exchange";
import { type Failure, invalid } from "./failure";
import type { Answer, Inference } from "./inference";
import type { TgiMetrics } from "./metrics";
import type { GenerateRequest } from "./requests";
import { REQUEST_LIMITS } from "./validation";

/** What TGI says that it computes with, where nothing else is set. */
const COMPUTE_TYPE = "gpu+optimized";

/** What the doors share. */
export interface Doors {
  readonly inference: Inference;
  readonly metrics: TgiMetrics;
  readonly modelId: string;
}

/** What a whole answer is made into. */
export interface Whole {
  answer(answers: readonly [Answer, ...Answer[]], headers: OutgoingHttpHeaders): void;
}

/** `/generate`, and every other door that answers at once: the first of `best_of` answers, and the others. */
export function answerWhole(
  { inference, metrics }: Doors,
  exchange: Exchange,
  request: GenerateRequest,
  whole: Whole,
): void {
  metrics.requestCame();
  const bestOf = request.parameters.best_of ?? 1;
  const { bestOf: most } = REQUEST_LIMITS;
  if (bestOf > most) {
    exchange.fail(invalid(`\`best_of\` must be > 0 and <= ${most}. Given: ${bestOf}`));
    return;
  }
  const runs = Array.from({ length: Math.max(1, bestOf) }, () => run(inference, request));
  const leave = () => {
    for (const it of runs) it.leave();
  };
  exchange.onLeave(leave);
  Promise.all(runs.map((it) => it.answer)).then(
    ([first, ...others]) => {
      if (first !== undefined) whole.answer([first, ...others], answerHeaders(request, first));
    },
    (reason) => {
      leave();
      if (!(reason instanceof Failed)) throw reason;
      exchange.fail(reason.failure);
    },
  );
}

class Failed extends Error {
  constructor(readonly failure: Failure) {
    super(failure.body.error);
  }
}

function run(inference: Inference, request: GenerateRequest) {
  let leave = () => {};
  const answer = new Promise<Answer>((resolve, reject) => {
    leave = inference.run(request, {
      finished: resolve,
      failed: (failure) => reject(new Failed(failure)),
    });
  });
  return { answer, leave };
}

/** The body of `/generate`. */
export function generated(request: GenerateRequest, [first, ...others]: readonly [Answer, ...Answer[]]): object {
  const { details, decoder_input_details } = request.parameters;
  const parts = ({ tokens, seed, prefill }: Answer) => ({
    ...{ finish_reason: "length", generated_tokens: tokens.length },
    ...{ seed, prefill, tokens },
  });
  const bestOf = others.map((answer) => ({ generated_text: fullText(request, answer), ...parts(answer) }));
  return {
    generated_text: fullText(request, first),
    ...(details || decoder_input_details
      ? { details: { ...parts(first), ...(others.length > 0 ? { best_of_sequences: bestOf } : {}) } }
      : {}),
  };
}

/** `/generate_stream`: TGI answers 200 before it looks at the request, so that every error is an event. */
export function answerEvents({ inference, metrics }: Doors, exchange: Exchange, request: GenerateRequest): void {
  const events = exchange.events(streamHeaders(request));
  streamTokens({ inference, metrics }, exchange, request, {
    token: (index, token) => events.send({ index, token, generated_text: null, details: null }),
    last: (index, token, answer) => {
      const { seed, inputTokens: input_length, tokens } = answer;
      const details = { finish_reason: "length", generated_tokens: tokens.length, seed, input_length };
      events.send({
        ...{ index, token, generated_text: fullText(request, answer) },
        details: request.parameters.details ? details : null,
      });
      events.end();
    },
    failed: ({ body }) => {
      events.send(body);
      events.end();
    },
  });
}

/** What a stream's tokens are made into. They are counted from 1. */
export interface Tokens {
  token(index: number, token: Answer["tokens"][number]): void;
  last(index: number, token: Answer["tokens"][number], answer: Answer): void;
  failed(failure: Failure): void;
}

/** Runs a request whose tokens are sent as they are made. */
export function streamTokens(
  { inference, metrics }: Pick<Doors, "inference" | "metrics">,
  exchange: Exchange,
  request: GenerateRequest,
  tokens: Tokens,
): void {
  metrics.requestCame();
  const { best_of, decoder_input_details } = request.parameters;
  const rule =
    (best_of ?? 1) !== 1
      ? "`best_of` != 1 is not supported when streaming tokens"
      : "`decoder_input_details` == true is not supported when streaming tokens";
  if ((best_of ?? 1) !== 1 || decoder_input_details) {
    metrics.requestFailed("validation");
    tokens.failed(invalid(rule));
    return;
  }
  // The last token is told with the answer.
  let held: Answer["tokens"][number] | undefined;
  let index = 0;
  const leave = inference.run(request, {
    token: (token, isLast) => {
      index += 1;
      if (isLast) held = token;
      else tokens.token(index, token);
    },
    finished: (answer) => {
      if (held !== undefined) tokens.last(index, held, answer);
    },
    failed: (failure) => tokens.failed(failure),
  });
  exchange.onLeave(leave);
}

/** Headers that a stream begins with. */
export function streamHeaders({ inputs }: GenerateRequest): OutgoingHttpHeaders {
  return {
    "x-compute-type": COMPUTE_TYPE,
    "x-compute-characters": [...inputs].length,
    "x-accel-buffering": "no",
  };
}

function answerHeaders({ inputs }: GenerateRequest, { timings, tokens, inputTokens }: Answer): OutgoingHttpHeaders {
  const { total, validation, queue, inference } = timings;
  return {
    "x-compute-type": COMPUTE_TYPE,
    "x-compute-time": String(total),
    "x-compute-characters": [...inputs].length,
    "x-total-time": milliseconds(total),
    "x-validation-time": milliseconds(validation),
    "x-queue-time": milliseconds(queue),
    "x-inference-time": milliseconds(inference),
    "x-time-per-token": milliseconds(inference / tokens.length),
    "x-prompt-tokens": inputTokens,
    "x-generated-tokens": tokens.length,
  };
}

function milliseconds(seconds: Timings[keyof Timings]): number {
  return Math.floor(seconds * 1000);
}

function fullText({ inputs, parameters }: GenerateRequest, { text }: Answer): string {
  return parameters.return_full_text === true ? inputs + text : text;
}
