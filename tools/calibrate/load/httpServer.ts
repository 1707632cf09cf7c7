import { randomInt } from "node:crypto";
import { MAX_SEED } from "../../simulate/traffic/random";
import type { Lengths, LoadedServer, LoadObserver, ServerInfo, Stage } from "../contract";
import { type Clock, SYSTEM_CLOCK } from "./clock";
import { Connection } from "./connection";
import { openaiProtocol } from "./openaiProtocol";
import { Prompts } from "./prompts";
import { Scraper } from "./scraper";
import { Sender } from "./sender";
import { StageRun } from "./stageRun";
import { TGI_PROTOCOL } from "./tgiProtocol";

export interface HttpServerOptions {
  /** Address of the server, as in `http://localhost:8000`. It must lead to one replica, past every load balancer. */
  readonly url: string;
  /** `tgi`: `/generate_stream`. `openai`: `/v1/chat/completions`, of TGI or another server. */
  readonly api: ServerInfo["api"];
  /** The name by which an OpenAI API knows the model; unless given, the one in `info`. Of no use to `tgi`. */
  readonly modelId?: string | undefined;
  /** Sent as `Authorization: Bearer`; unless given, there is no such header. */
  readonly bearer?: string | undefined;
  readonly info: ServerInfo;
  /**
   * Seconds that a stage goes on after its measured time for answers to measured requests; unless given, 60. Answers
   * that take longer are cut, and count as `unfinished`.
   */
  readonly graceSeconds?: number | undefined;
  /** Of the texts of prompts; unless given, another one each time, as servers remember prompts. */
  readonly promptSeed?: number | undefined;
  readonly clock?: Clock | undefined;
}

/** A server over HTTP. */
export interface HttpServer extends LoadedServer {
  readonly info: ServerInfo;
  /** Ends all its connections, and what is still under way on them. */
  close(): Promise<void>;
}

const GRACE_SECONDS = 60;
/** What a model is called where nobody has said. TGI takes every other name for that of an adapter to its model. */
export const TGI_CHAT_MODEL = "tgi";
const SCRAPE_TIMEOUT_MS = 2000;

/**
 * A server of which everything is known already: `connect` finds it out.
 *
 * @throws ServerFault when the address is none.
 */
export function httpServer(options: HttpServerOptions): HttpServer {
  const connection = new Connection(options.url, options.bearer);
  return serverOver(connection, senderOver(connection, options), options);
}

type SenderOptions = Omit<HttpServerOptions, "url" | "bearer">;

export function senderOver(connection: Connection, options: SenderOptions): Sender {
  const { api, info, modelId = info.modelId ?? TGI_CHAT_MODEL, promptSeed, clock = SYSTEM_CLOCK } = options;
  const protocol = api === "tgi" ? TGI_PROTOCOL : openaiProtocol(modelId);
  return new Sender(connection, protocol, new Prompts(promptSeed ?? randomInt(MAX_SEED)), info, clock);
}

export function serverOver(
  connection: Connection,
  sender: Sender,
  {
    info,
    graceSeconds = GRACE_SECONDS,
    clock = SYSTEM_CLOCK,
  }: Pick<HttpServerOptions, "info" | "graceSeconds" | "clock">,
): HttpServer {
  let lastId = 0;
  return {
    info,
    close: () => connection.close(),

    async run(stage: Stage, lengths: Iterator<Lengths>, observer: LoadObserver, signal: AbortSignal): Promise<void> {
      const stageRun = new StageRun(stage, {
        ...{ lengths, observer, clock, graceSeconds, limits: info },
        send: (planned, sink) => sender.send(planned, sink),
        nextId: () => {
          lastId += 1;
          return lastId;
        },
      });
      const scraper = info.hasMetrics ? scraperOf(connection, observer, clock) : undefined;
      scraper?.start();
      try {
        await stageRun.run(signal);
      } finally {
        scraper?.stop();
      }
    },
  };
}

function scraperOf(connection: Connection, observer: LoadObserver, clock: Clock): Scraper | undefined {
  if (observer.scraped === undefined) return undefined;
  const get = async () => (await connection.get("/metrics", SCRAPE_TIMEOUT_MS)).text;
  return new Scraper(clock, get, (sample) => observer.scraped?.(sample));
}
