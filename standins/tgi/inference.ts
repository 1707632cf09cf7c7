import type { TokenLimits } from "../../config/stackConfig";
import type { Random } from "../../tools/simulate/traffic/random";
import type { Engine, Leave, Timings } from "./engine";
import { type Failure, invalid, OVERLOADED } from "./failure";
import type { TgiMetrics } from "./metrics";
import type { GenerateRequest, Parameters } from "./requests";
import { generatedToken, type PrefillToken, promptTokens, type Token, textOf } from "./tokens";
import { validateRequest } from "./validation";

/** A whole answer. It is always as long as it may be: TGI's `finish_reason` is `length`. */
export interface Answer {
  readonly tokens: readonly Token[];
  readonly text: string;
  /** Null where nothing was sampled. */
  readonly seed: number | null;
  readonly inputTokens: number;
  /** Only where they were asked for. */
  readonly prefill: readonly PrefillToken[];
  readonly timings: Timings;
}

/** Hears of an answer as it is made. */
export interface Hearer {
  token?(token: Token, isLast: boolean): void;
  /** After the last token. */
  finished(answer: Answer): void;
  /** Instead of everything else. */
  failed(failure: Failure): void;
}

/** TGI's way of a request: a place, validation, queue, batch. */
export class Inference {
  constructor(
    private readonly engine: Engine,
    private readonly metrics: TgiMetrics,
    private readonly limits: TokenLimits,
    private readonly random: Random,
  ) {}

  /** Starts on an answer. @returns what to call when the client hangs up. */
  run(request: GenerateRequest, hearer: Hearer): Leave {
    const permit = this.engine.acquire();
    if (permit === undefined) {
      this.metrics.requestFailed("overloaded");
      hearer.failed(OVERLOADED);
      return () => {};
    }
    const valid = validateRequest(request, this.limits);
    if (typeof valid === "string") {
      this.engine.refuse(permit, request.inputTokens, () => {
        this.metrics.requestFailed("validation");
        hearer.failed(invalid(valid));
      });
      return () => {};
    }
    const { inputTokens } = valid;
    const start = Math.floor(this.random.uniform() * 2 ** 32);
    const tokens: Token[] = [];
    return this.engine.submit(permit, valid, {
      queued: () => this.metrics.requestIsValid(inputTokens, valid.maxNewTokens),
      token: (place) => {
        const token = generatedToken(place, start);
        tokens.push(token);
        hearer.token?.(token, tokens.length === valid.maxNewTokens);
      },
      finished: (timings) => {
        this.metrics.requestSucceeded({ ...timings, generatedTokens: tokens.length });
        const { parameters, inputs } = request;
        hearer.finished({
          ...{ tokens, text: textOf(tokens), inputTokens, timings },
          seed: isSampled(parameters) ? (parameters.seed ?? start) : null,
          prefill: parameters.decoder_input_details ? promptTokens(inputs, inputTokens) : [],
        });
      },
    });
  }
}

/** Whether the shards sample, where the router already asks for less. */
function isSampled({ do_sample, temperature = 1, top_k, top_p, typical_p }: Parameters): boolean {
  return do_sample || temperature !== 1 || [top_k, top_p, typical_p].some((value) => value !== undefined);
}
