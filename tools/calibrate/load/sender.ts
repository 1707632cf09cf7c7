import type { Lengths, ServerInfo } from "../contract";
import { AnswerStream, type StreamContext } from "./answerStream";
import { BufferingWatch } from "./buffering";
import type { Clock } from "./clock";
import type { Connection } from "./connection";
import type { Prompts } from "./prompts";
import type { Protocol } from "./protocol";
import type { AnswerSink } from "./sending";
import { TokenFit } from "./tokenFit";

/** Part of the server's limits that a prompt is meant to fill at most: its real length is known within some 2 %. */
const ROOM_USED = 0.98;

/** Sends requests of planned lengths to one server, and learns from its counts how long texts must be for that. */
export class Sender {
  private readonly fit = new TokenFit();
  private readonly context: StreamContext;

  constructor(
    private readonly connection: Connection,
    private readonly protocol: Protocol,
    private readonly prompts: Prompts,
    private readonly limits: Pick<ServerInfo, "maxInputTokens" | "maxTotalTokens">,
    clock: Clock,
  ) {
    const { where } = connection;
    const watch = new BufferingWatch();
    this.context = { where, protocol, clock, whole: (tokens, bursts) => watch.answered(where, tokens, bursts) };
  }

  /** Sends one request; what it returns cancels it. */
  send(planned: Lengths, sink: AnswerSink): () => void {
    const { maxInputTokens = Number.POSITIVE_INFINITY, maxTotalTokens = Number.POSITIVE_INFINITY } = this.limits;
    const room = Math.min(maxInputTokens, maxTotalTokens - planned.outputTokens);
    const words = this.fit.wordsFor(Math.min(planned.inputTokens, room * ROOM_USED));
    const learning: AnswerSink = {
      tokens: (count, at) => sink.tokens(count, at),
      ended: (ending) => {
        if (ending.inputTokens !== undefined) this.fit.learn(words, ending.inputTokens);
        sink.ended(ending);
      },
    };
    const stream = new AnswerStream(this.context, learning);
    const { path, body } = this.protocol;
    this.connection.post(path, body(this.prompts.prompt(words), planned.outputTokens), stream);
    return () => stream.cancel();
  }
}
