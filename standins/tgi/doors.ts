import { answerChat } from "./chat";
import type { Engine } from "./engine";
import type { Exchange } from "./exchange";
import { UNHEALTHY } from "./failure";
import { answerEvents, answerWhole, type Doors, generated } from "./generate";
import { type Identity, info, models } from "./identity";
import { CHAT, COMPATIBLE, GENERATE, type GenerateRequest, type Parameters } from "./requests";
import { countTokens } from "./tokens";

/** All that the doors of a stand-in open to. */
export interface Building extends Doors {
  readonly identity: Identity;
  readonly engine: Engine;
  /** Whether the model is still being loaded. */
  isLoading(): boolean;
}

type Door = (building: Building, exchange: Exchange) => void | Promise<void>;

/** TGI's routes, but those of completions, tokenizing and other clouds. */
const DOORS: Readonly<Record<string, Readonly<Record<string, Door>>>> = {
  "/": { GET: health, POST: compatible },
  "/generate": { POST: generate },
  "/generate_stream": { POST: generateStream },
  "/v1/chat/completions": { POST: chat },
  "/v1/models": { GET: ({ identity }, exchange) => exchange.json(models(identity)) },
  "/info": { GET: ({ identity }, exchange) => exchange.json(info(identity)) },
  "/health": { GET: health },
  "/ping": { GET: health },
  "/metrics": { GET: scrape },
};

/** Answers a request as axum does: 404 for a path that is none, 405 for another method, both without a body. */
export async function open(method: string, path: string, building: Building, exchange: Exchange): Promise<void> {
  const doors = DOORS[path];
  const door = doors?.[method === "HEAD" ? "GET" : method];
  // A real one does not listen before it has loaded the model. This one does, so that its address is known.
  if (building.isLoading() && door !== health) exchange.cut();
  else if (doors === undefined) exchange.empty(404);
  else if (door === undefined) exchange.empty(405, { allow: Object.keys(doors).join(",").replace("GET", "GET,HEAD") });
  else await door(building, exchange);
}

function health({ isLoading }: Building, exchange: Exchange): void {
  if (isLoading()) exchange.fail(UNHEALTHY);
  else exchange.empty(200);
}

async function scrape({ engine, metrics }: Building, exchange: Exchange): Promise<void> {
  engine.setGauges();
  exchange.text(await metrics.text());
}

async function generate(building: Building, exchange: Exchange): Promise<void> {
  const body = await exchange.body(GENERATE);
  if (body === undefined) return;
  const request = counted(body);
  answerWhole(building, exchange, request, {
    answer: (answers, headers) => exchange.json(generated(request, answers), headers),
  });
}

async function generateStream(building: Building, exchange: Exchange): Promise<void> {
  const body = await exchange.body(GENERATE);
  if (body !== undefined) answerEvents(building, exchange, counted(body));
}

async function compatible(building: Building, exchange: Exchange): Promise<void> {
  const body = await exchange.body(COMPATIBLE);
  if (body === undefined) return;
  const request = counted(body);
  if (body.stream) answerEvents(building, exchange, request);
  else {
    answerWhole(building, exchange, request, {
      answer: (answers, headers) => exchange.json([generated(request, answers)], headers),
    });
  }
}

async function chat(building: Building, exchange: Exchange): Promise<void> {
  const body = await exchange.body(CHAT);
  if (body !== undefined) answerChat(building, exchange, body);
}

function counted({ inputs, parameters }: { inputs: string; parameters: Parameters }): GenerateRequest {
  return { inputs, parameters, inputTokens: countTokens(inputs) };
}
