import assert from "node:assert/strict";
import { type ConnectOptions, connect } from "../../../tools/calibrate/load/connect";
import { ServerFault } from "../../../tools/calibrate/load/faults";
import { type Handler, stream, TGI_INFO, tgiEvents, VirtualClock, wordsIn } from "./support";

/** A sound TGI 2.4.0, but for what a test replaces. */
export function tgi(replaced: Readonly<Record<string, Handler>> = {}): Handler {
  const paths: Readonly<Record<string, Handler>> = {
    "/info": ({ response }) => json(response, TGI_INFO),
    "/health": ({ response }) => response.end(),
    "/metrics": ({ response }) => response.end("tgi_queue_size 0\n"),
    "/v1/models": ({ response }) => json(response, { object: "list", data: [{ id: TGI_INFO.model_id }] }),
    // Shorter than what it is asked for: such answers say nothing of the way they came.
    "/generate_stream": ({ response, body }) => stream(response, tgiEvents(8, 20 + wordsIn(String(body.inputs)))),
    "/v1/chat/completions": ({ response, body }) => chat(response, body.model),
    ...replaced,
  };
  return (asked) => {
    const handler = paths[asked.request.url ?? ""];
    if (handler === undefined) asked.response.writeHead(404).end("not found");
    else handler(asked);
  };
}

export function json(response: Parameters<Handler>[0]["response"], value: unknown): void {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));
}

export function chat(response: Parameters<Handler>[0]["response"], model: unknown): void {
  const usage = { prompt_tokens: 50, completion_tokens: 1 };
  stream(
    response,
    `data: ${JSON.stringify({ model, choices: [{ delta: { content: "x" }, finish_reason: "length" }], usage })}\n\n`,
  );
}

/** Connects, in virtual time, and lets go. */
export async function to(url: string, options: Partial<ConnectOptions> = {}, longestWait = 5) {
  const clock = new VirtualClock();
  const server = await clock.until(connect({ url, api: "tgi", promptSeed: 1, clock, ...options }), longestWait);
  await server.close();
  return { info: server.info, waited: clock.now() };
}

/** Why it does not connect. */
export async function fault(url: string, options: Partial<ConnectOptions> = {}, longestWait = 5): Promise<ServerFault> {
  let found: unknown;
  await to(url, options, longestWait).catch((error) => {
    found = error;
  });
  assert.ok(found instanceof ServerFault, String(found));
  return found;
}
