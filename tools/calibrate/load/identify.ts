import { z } from "zod";
import type { ServerInfo } from "../contract";
import type { Connection, Reply } from "./connection";
import { notPlain, PORT_FORWARD, ServerFault } from "./faults";
import { TGI_CHAT_MODEL } from "./httpServer";
import { excerpt } from "./protocol";

const whole = z.number().int().positive().optional().catch(undefined);

/**
 * What TGI says of itself. Source: huggingface/text-generation-inference v2.4.0 `router/src/lib.rs` (`Info`); before
 * 2.0 the limit of the input was called `max_input_length`.
 */
const TGI_INFO = z.object({
  model_id: z.string(),
  version: z.string().optional(),
  max_concurrent_requests: whole,
  max_input_tokens: whole,
  max_input_length: whole,
  max_total_tokens: whole,
  docker_label: z.string().nullish().catch(undefined),
});

/** Where a real TGI has the label of its image, the stand-in says what it is (`standins/tgi/identity.ts`). */
const STAND_IN_LABEL = "stand-in";

/** The models of an OpenAI API. Only vLLM says how long a request may be. */
const MODELS = z.object({ data: z.array(z.object({ id: z.string(), max_model_len: whole })) });

/** What answers, and the name by which its API knows the model. */
export interface Identity {
  readonly info: Omit<ServerInfo, "hasMetrics">;
  readonly modelId: string;
}

/** A server that may yet get ready. */
export class NotReady extends Error {}

/**
 * Asks a server what it is.
 *
 * @throws NotReady when its model is not loaded; ServerFault when it is not what it should be; undici's errors when
 * there is no answer.
 */
export async function identify(
  connection: Connection,
  api: ServerInfo["api"],
  modelId: string | undefined,
): Promise<Identity> {
  switch (api) {
    case "tgi": {
      const reply = await read(connection, "/info");
      const info = tgiInfo(reply);
      if (info === undefined) throw notThe(connection, "/info", reply, "TGI, which says there what it is");
      await read(connection, "/health");
      return { info: { api, ...info }, modelId: info.modelId };
    }
    case "openai": {
      const reply = await read(connection, "/v1/models");
      const models = MODELS.safeParse(jsonOf(reply));
      if (!models.success) throw notThe(connection, "/v1/models", reply, "an OpenAI API, which lists its models there");
      const { id, max_model_len: maxModelLen } = chosen(connection, models.data.data, modelId);
      // TGI has both APIs, and says its limits only here.
      const tgi = await connection.get("/info").then(tgiInfo, () => undefined);
      if (tgi !== undefined) return { info: { api, ...tgi }, modelId: TGI_CHAT_MODEL };
      const unknown = { version: undefined, maxConcurrentRequests: undefined, maxInputTokens: undefined };
      return { info: { api, modelId: id, ...unknown, maxTotalTokens: maxModelLen, isStandIn: false }, modelId: id };
    }
  }
}

/** What nginx and programs in Go answer to plain HTTP on a port that has TLS: HTTP 400, and a sentence. */
const WANTS_TLS = /plain HTTP request was sent to HTTPS port|HTTP request to an HTTPS server/i;

/**
 * @throws NotReady when the answer is that of a server, or of a gateway before it, that is on its way; ServerFault where
 * it wants TLS.
 */
async function read(connection: Connection, path: string): Promise<Reply> {
  const reply = await connection.get(path);
  if (reply.status === 400 && WANTS_TLS.test(reply.text)) {
    throw notPlain(connection.where, `HTTP 400: ${excerpt(reply.text)}`);
  }
  if (reply.status >= 500) throw new NotReady(`${path} answers HTTP ${reply.status}: ${excerpt(reply.text)}`);
  return reply;
}

function tgiInfo(reply: Reply) {
  const result = TGI_INFO.safeParse(reply.status === 200 ? jsonOf(reply) : undefined);
  if (!result.success) return undefined;
  const { data } = result;
  return {
    modelId: data.model_id,
    version: data.version,
    maxConcurrentRequests: data.max_concurrent_requests,
    maxInputTokens: data.max_input_tokens ?? data.max_input_length,
    maxTotalTokens: data.max_total_tokens,
    isStandIn: data.docker_label === STAND_IN_LABEL,
  };
}

function chosen<M extends { readonly id: string }>(
  { where }: Connection,
  models: readonly M[],
  modelId: string | undefined,
): M {
  const names = models.map(({ id }) => JSON.stringify(id)).join(", ") || "none";
  const [only] = models;
  const model = modelId === undefined && models.length === 1 ? only : models.find(({ id }) => id === modelId);
  if (model !== undefined) return model;
  const wanted = modelId === undefined ? "No model was chosen" : `Model ${JSON.stringify(modelId)} was asked for`;
  throw new ServerFault("model", `${where}: its models are ${names}. ${wanted}: it must be one of them, by that name.`);
}

function notThe({ where }: Connection, path: string, { status, type, text }: Reply, what: string): ServerFault {
  const kind = type === "" ? "a document" : type;
  return new ServerFault(
    "not-the-api",
    `${where}${path}: HTTP ${status}, ${kind}: ${excerpt(text)}. It must be ${what}: give the server's own address (${PORT_FORWARD}), or choose the other API.`,
  );
}

/** A document as JSON; undefined where it is none. */
function jsonOf({ text }: Reply): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
