import { createServer, type ServerResponse } from "node:http";
import { listen } from "../standins/loopback";

/** Time between two tokens of a stream. */
const TOKEN_MS = 50;
/** Answers of so few tokens come at once: they are there for the memory that requests take, not for their times. */
const SHORT = 2;

/**
 * Streams as TGI's, at 20 tokens a second each. In its first token, each carries the moment at which it was sent, in
 * nanoseconds of the machine's monotonic clock. Prints its port.
 */
async function main(): Promise<void> {
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      const { parameters } = JSON.parse(body);
      response.writeHead(200, { "content-type": "text/event-stream" });
      const tokens = Number(parameters.max_new_tokens);
      if (tokens <= SHORT) answerAtOnce(response, tokens);
      else stream(response, tokens);
    });
  });
  // As TGI, which closes no idle connection.
  server.keepAliveTimeout = 0;
  console.log(await listen(server));
}

/** Made once: what this process spends on a token, the client's may lack. */
const TOKEN = event(2, Number.POSITIVE_INFINITY, " word");

function stream(response: ServerResponse, tokens: number): void {
  let index = 1;
  response.write(event(index, tokens, process.hrtime.bigint().toString()));
  const timer = setInterval(() => {
    index += 1;
    if (index < tokens) {
      response.write(TOKEN);
      return;
    }
    clearInterval(timer);
    response.end(event(index, tokens, " word"));
  }, TOKEN_MS);
  response.on("close", () => clearInterval(timer));
}

function answerAtOnce(response: ServerResponse, tokens: number): void {
  for (let index = 1; index < tokens; index += 1) response.write(event(index, tokens, " word"));
  response.end(event(tokens, tokens, " word"));
}

function event(index: number, tokens: number, text: string): string {
  const details =
    index < tokens ? null : { finish_reason: "length", generated_tokens: tokens, seed: null, input_length: 60 };
  const token = { id: 1, text, logprob: -0.3, special: false };
  return `data:${JSON.stringify({ index, token, generated_text: details && "", details })}\n\n`;
}

void main();
