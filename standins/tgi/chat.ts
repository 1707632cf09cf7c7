import { applyChatTemplate } from "./chatTemplate";
import type { Exchange } from "./exchange";
import { badTemplate, badTools } from "./failure";
import { answerWhole, type Doors, streamHeaders, streamTokens } from "./generate";
import { SYSTEM_FINGERPRINT } from "./identity";
import type { Answer } from "./inference";
import { type ChatRequest, chatParameters, type GenerateRequest } from "./requests";
import type { Token } from "./tokens";

/** `/v1/chat/completions`. */
export function answerChat(doors: Doors, exchange: Exchange, chat: ChatRequest): void {
  // The doors behind this one count it once more, as TGI's do.
  doors.metrics.requestCame();
  if (chat.tools !== undefined) {
    exchange.fail(badTools("the stand-in plays no tools"));
    return;
  }
  const messages = chat.messages.map(({ role, content }) => ({ role, content: plainText(content) }));
  const prompt = applyChatTemplate(messages);
  if ("rule" in prompt) {
    doors.metrics.requestFailed("template");
    exchange.fail(badTemplate(prompt.rule));
    return;
  }
  const request = { ...prompt, parameters: chatParameters(chat) };
  if (chat.stream) streamChat(doors, exchange, chat, request);
  else {
    answerWhole(doors, exchange, request, {
      answer: ([answer], headers) => exchange.json(completion(doors.modelId, chat, answer), headers),
    });
  }
}

function completion(model: string, { logprobs }: ChatRequest, { text, tokens, inputTokens }: Answer): object {
  return {
    ...{ object: "chat.completion", id: "", created: now(), model, system_fingerprint: SYSTEM_FINGERPRINT },
    choices: [
      {
        index: 0,
        message: { role: "assistant", content: text },
        logprobs: logprobs === true ? logprobsOf(tokens) : null,
        finish_reason: "length",
      },
    ],
    usage: usage(inputTokens, tokens.length),
  };
}

/** TGI 2.4.0 says nothing of errors here: the stream ends without a token. */
function streamChat({ modelId, ...doors }: Doors, exchange: Exchange, chat: ChatRequest, request: GenerateRequest) {
  const events = exchange.events(streamHeaders(request));
  const chunk = (token: Token, end?: Answer) => ({
    ...{ object: "chat.completion.chunk", id: "", created: now(), model: modelId },
    system_fingerprint: SYSTEM_FINGERPRINT,
    choices: [
      {
        index: 0,
        delta: { role: "assistant", content: token.text },
        logprobs: chat.logprobs === true ? logprobsOf([token]) : null,
        finish_reason: end === undefined ? null : "length",
      },
    ],
    usage:
      end !== undefined && chat.stream_options?.include_usage === true
        ? usage(end.inputTokens, end.tokens.length)
        : null,
  });
  const end = () => {
    events.send("[DONE]");
    events.end();
  };
  streamTokens(doors, exchange, request, {
    token: (_, token) => events.send(chunk(token)),
    last: (_, token, answer) => {
      events.send(chunk(token, answer));
      end();
    },
    failed: end,
  });
}

/** Chunks of content as TGI strings them together; images go by their address. */
function plainText(content: ChatRequest["messages"][number]["content"]): string {
  if (typeof content === "string") return content;
  return content.map((chunk) => (chunk.type === "text" ? chunk.text : `![](${chunk.image_url.url})`)).join("");
}

function logprobsOf(tokens: readonly Token[]): object {
  return { content: tokens.map(({ text, logprob }) => ({ token: text, logprob, top_logprobs: [] })) };
}

function usage(prompt_tokens: number, completion_tokens: number): object {
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
}

/** Seconds since 1970. */
function now(): number {
  return Math.floor(Date.now() / 1000);
}
