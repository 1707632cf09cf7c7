import type { Outcome, ServerSample } from "../contract";

/** Server and client count the same requests. So many, or such a share of them, may be on their way at a scrape. */
const COUNT = { share: 0.02, least: 2 } as const;
/** The server's gauges are read once a second, and TGI sets them before a step: means differ by so much without reason. */
const GAUGE = { share: 0.25, least: 1 } as const;

interface Counts {
  readonly succeeded: number;
  readonly overloaded: number;
  readonly generated: number;
}

/** Holds what the server counts against what the client does, from the first scrape of each repetition to its last. */
export class Agreement {
  private readonly client = { succeeded: 0, overloaded: 0, generated: 0 };
  private first: { readonly server: ServerSample; readonly client: Counts } | undefined;
  private readonly sums = {
    server: { succeeded: 0, overloaded: 0, generated: 0 },
    client: { succeeded: 0, overloaded: 0, generated: 0 },
  };
  private last: { readonly server: Partial<Counts>; readonly client: Counts } | undefined;
  private longest = 0;

  /** Another repetition: what others do in between is none of ours. */
  begin(): void {
    this.close();
    this.first = undefined;
    this.last = undefined;
  }

  ended({ result, outputTokens }: Outcome): void {
    if (result === "overloaded") this.client.overloaded += 1;
    if (result !== "served") return;
    this.client.succeeded += 1;
    this.client.generated += outputTokens;
    this.longest = Math.max(this.longest, outputTokens);
  }

  scraped(sample: ServerSample): void {
    this.first ??= { server: sample, client: { ...this.client } };
    const { server } = this.first;
    this.last = {
      server: {
        ...difference("succeeded", sample.succeeded, server.succeeded),
        ...difference("overloaded", sample.overloaded, server.overloaded),
        ...difference("generated", sample.generatedTokens?.sum, server.generatedTokens?.sum),
      },
      client: {
        succeeded: this.client.succeeded - this.first.client.succeeded,
        overloaded: this.client.overloaded - this.first.client.overloaded,
        generated: this.client.generated - this.first.client.generated,
      },
    };
  }

  disagreements(
    gauges: { readonly queue: number; readonly batch: number } | undefined,
    streams: { readonly queue: number; readonly batch: number },
  ): readonly string[] {
    this.begin();
    const { server, client } = this.sums;
    return [
      ...differ("requests served", server.succeeded, client.succeeded, COUNT),
      ...differ("requests refused with 429", server.overloaded, client.overloaded, COUNT),
      // As many tokens as those of the requests that may be on their way.
      ...differ("tokens generated", server.generated, client.generated, {
        share: COUNT.share,
        least: COUNT.least * this.longest,
      }),
      ...(gauges === undefined ? [] : differ("requests in the batch", gauges.batch, streams.batch, GAUGE)),
      // To the client, a request still waits while it is on its way or in its prefill: only more than that is strange.
      ...(gauges === undefined || gauges.queue < streams.queue
        ? []
        : differ("requests waiting", gauges.queue, streams.queue, GAUGE)),
    ];
  }

  private close(): void {
    const { last, sums } = this;
    if (last === undefined) return;
    for (const key of ["succeeded", "overloaded", "generated"] as const) {
      const counted = last.server[key];
      if (counted === undefined) continue;
      sums.server[key] += counted;
      sums.client[key] += last.client[key];
    }
  }
}

/** Counters that are not there count as 0 before their first event; one that fell is a new server's. */
function difference(key: keyof Counts, now: number | undefined, before: number | undefined): Partial<Counts> {
  if (now === undefined || now < (before ?? 0)) return {};
  return { [key]: now - (before ?? 0) };
}

function differ(
  what: string,
  server: number,
  client: number,
  { share, least }: { readonly share: number; readonly least: number },
): readonly string[] {
  if (Math.abs(server - client) <= Math.max(least, share * Math.max(server, client))) return [];
  const why =
    server > client
      ? "somebody else uses it, too"
      : "not all of the requests reach this server, or it has been restarted";
  return [`${what}: the server says ${show(server)}, the client ${show(client)}: ${why}.`];
}

function show(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 1 });
}
