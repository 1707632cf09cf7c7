import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Lengths, LoadObserver, ServerInfo } from "../tools/calibrate/contract";
import { SYSTEM_CLOCK } from "../tools/calibrate/load/clock";
import { Connection } from "../tools/calibrate/load/connection";
import { type HttpServer, serverOver } from "../tools/calibrate/load/httpServer";
import { Prompts } from "../tools/calibrate/load/prompts";
import type { Protocol } from "../tools/calibrate/load/protocol";
import { Sender } from "../tools/calibrate/load/sender";
import { TGI_PROTOCOL } from "../tools/calibrate/load/tgiProtocol";

/** 500 streams on average: 100 requests a second, each of which takes 5 s. */
const STREAMS = { requestsPerSecond: 100, outputTokens: 100, warmUpSeconds: 6, seconds: 12 } as const;
const MEMORY = { concurrency: 32, outputTokens: 2, first: 20_000, last: 100_000 } as const;
const INPUT_TOKENS = 60;

/** What the load generator adds to what it measures, in milliseconds, and what it keeps, in MB. */
export interface LoadFigures {
  /** Most streams that were open at once. */
  readonly streams: number;
  /** From the moment at which the server sends a first token to the one that the client takes for its arrival. */
  readonly addedTtftP50: number;
  readonly addedTtftP99: number;
  /** From the moment at which a request was to be sent to the one at which it was. */
  readonly latenessP50: number;
  readonly latenessP99: number;
  /** Between the 20,000th and the 100,000th request, after collecting garbage. */
  readonly heapGrowth: number;
  readonly residentGrowth: number;
}

/** The last moment of sending that a stream has carried: what the client says next is about the same piece. */
let carried: number | undefined;

const CARRIES_MOMENT = /"text":"(\d+)"/;

const PROTOCOL: Protocol = {
  ...TGI_PROTOCOL,
  read(data, answer) {
    const moment = CARRIES_MOMENT.exec(data)?.[1];
    if (moment !== undefined) carried = Number(moment) / 1e9;
    return TGI_PROTOCOL.read(data, answer);
  },
};

/** Measures the load generator against a server in a process of its own; prints the figures as JSON. */
async function main(): Promise<void> {
  const child = spawn(process.execPath, ["--require", "tsx/cjs", join(__dirname, "streamServer.ts")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [port] = await once(createInterface(child.stdout), "line");
    const server = serverAt(`http://127.0.0.1:${port}`);
    const figures: LoadFigures = { ...(await latencies(server)), ...(await memory(server)) };
    await server.close();
    console.log(JSON.stringify(figures));
  } finally {
    child.kill();
  }
}

function serverAt(url: string): HttpServer {
  const unknown = { modelId: undefined, version: undefined, maxConcurrentRequests: undefined };
  const limits = { maxInputTokens: undefined, maxTotalTokens: undefined };
  const info: ServerInfo = { api: "tgi", isStandIn: false, hasMetrics: false, ...unknown, ...limits };
  const connection = new Connection(url, undefined);
  return serverOver(connection, new Sender(connection, PROTOCOL, new Prompts(1), info, SYSTEM_CLOCK), { info });
}

async function latencies(server: HttpServer) {
  const { requestsPerSecond, outputTokens, warmUpSeconds, seconds } = STREAMS;
  const offset = Number(process.hrtime.bigint()) / 1e9 - SYSTEM_CLOCK.now();
  const added: number[] = [];
  const late: number[] = [];
  let open = 0;
  let streams = 0;
  const observer: LoadObserver = {
    sent: () => {
      open += 1;
    },
    tokens: (_id, _count, at) => {
      if (carried === undefined) return;
      added.push((at + offset - carried) * 1000);
      carried = undefined;
    },
    ended: ({ isMeasured, result, error, sentAt, intendedAt }) => {
      open -= 1;
      if (!isMeasured) return;
      if (result !== "served") throw new Error(`a request was ${result}: ${error}`);
      streams = Math.max(streams, open);
      late.push((sentAt - intendedAt) * 1000);
    },
  };
  const load = { kind: "open", requestsPerSecond } as const;
  const stage = { load, warmUpSeconds, seconds, seed: 1 };
  await server.run(stage, always(outputTokens), observer, new AbortController().signal);
  return {
    streams,
    ...{ addedTtftP50: quantile(added, 0.5), addedTtftP99: quantile(added, 0.99) },
    ...{ latenessP50: quantile(late, 0.5), latenessP99: quantile(late, 0.99) },
  };
}

async function memory(server: HttpServer) {
  const before = await memoryAfter(server, MEMORY.first);
  const after = await memoryAfter(server, MEMORY.last - MEMORY.first);
  return { heapGrowth: after.heap - before.heap, residentGrowth: after.resident - before.resident };
}

async function memoryAfter(server: HttpServer, requests: number) {
  const enough = new AbortController();
  let served = 0;
  const observer: LoadObserver = {
    ended: ({ result }) => {
      if (result === "served") served += 1;
      if (served === requests) enough.abort();
    },
  };
  const load = { kind: "closed", concurrency: MEMORY.concurrency } as const;
  const stage = { load, warmUpSeconds: 0, seconds: 600, seed: 1 };
  await server.run(stage, always(MEMORY.outputTokens), observer, enough.signal).catch((error) => {
    if (!enough.signal.aborted) throw error;
  });
  if (global.gc === undefined) throw new Error("memory is only to be measured with --expose-gc");
  global.gc();
  const { heapUsed, rss } = process.memoryUsage();
  return { heap: heapUsed / 1e6, resident: rss / 1e6 };
}

function* always(outputTokens: number): Generator<Lengths, never> {
  for (;;) yield { inputTokens: INPUT_TOKENS, outputTokens };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

void main();
