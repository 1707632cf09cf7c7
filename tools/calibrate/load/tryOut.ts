import type { Lengths, ServerInfo } from "../contract";
import type { Clock } from "./clock";
import { ServerFault } from "./faults";
import type { Sender } from "./sender";
import type { Ending } from "./sending";

/** Long enough that a stream which is held back on its way looks like one. */
const OUTPUT_TOKENS = 48;
/** Two lengths, so that the counts tell what stands around a text from what is in it, be it some hundred tokens. */
const INPUT_TOKENS = [40, 1000, 1000] as const;
/** Seconds for one answer: an idle server needs a few. */
const PATIENCE_SECONDS = 120;

/**
 * Has a server answer a few requests, one after the other. A login that only some paths want, a model that fails, and
 * a proxy that holds tokens back show up here, and the sender learns how long texts must be.
 *
 * @throws ServerFault for what would spoil every other request; the signal's reason, when it is aborted.
 */
export async function tryOut(
  sender: Sender,
  where: string,
  limits: Pick<ServerInfo, "maxInputTokens" | "maxTotalTokens">,
  clock: Clock,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { maxTotalTokens = Number.POSITIVE_INFINITY, maxInputTokens = Number.POSITIVE_INFINITY } = limits;
  for (const tokens of INPUT_TOKENS) {
    const outputTokens = Math.min(OUTPUT_TOKENS, Math.max(1, Math.floor(maxTotalTokens / 2)));
    // Half of the room: how many tokens its words will make is not known yet.
    const inputTokens = Math.min(tokens, Math.floor(Math.min(maxInputTokens, maxTotalTokens - outputTokens) / 2));
    const ending = await answerOf(sender, { inputTokens, outputTokens }, clock, signal);
    if (ending?.fault !== undefined) throw ending.fault;
    // Too long in spite of all: the next ones are planned with what a server says of limits, and it goes on.
    if (ending?.result === "served" || ending?.result === "rejected") continue;
    const seen = ending === undefined ? `no answer within ${PATIENCE_SECONDS} s` : (ending.error ?? ending.result);
    throw new ServerFault(
      "no-answer",
      `${where}: a trial request of ${inputTokens} tokens was not answered: ${seen}. An idle server must answer it: see its log (kubectl logs), and that nobody else puts load on it.`,
    );
  }
}

/** How an answer ended; undefined when that took too long. */
function answerOf(
  sender: Sender,
  planned: Lengths,
  clock: Clock,
  signal: AbortSignal | undefined,
): Promise<Ending | undefined> {
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const conclude = (settle: () => void) => {
      cancelTimer();
      signal?.removeEventListener("abort", abort);
      settle();
    };
    const abort = () => {
      cancel();
      conclude(() => reject(signal?.reason));
    };
    const cancelTimer = clock.at(clock.now() + PATIENCE_SECONDS, () => {
      cancel();
      conclude(() => resolve(undefined));
    });
    signal?.addEventListener("abort", abort, { once: true });
    const cancel = sender.send(planned, {
      tokens: () => {},
      ended: (ending) => conclude(() => resolve(ending)),
    });
  });
}
