import type { StepTimes } from "../../../autoscaling/roofline";
import type { Clock } from "../../../standins/tgi/clock";
import { type StandIn, type StandInOptions, startStandIn } from "../../../standins/tgi/standIn";
import { limits } from "../../simulate/server/support";

/** Steps that take next to no time: for what is said, not when. */
export const QUICK: StepTimes = {
  prefillBaseSeconds: 0.0001,
  prefillPerTokenSeconds: 0,
  decodeBaseSeconds: 0.0001,
  decodePerSequenceSeconds: 0,
  decodePerKvTokenSeconds: 0,
};

/** A prefill that is over at once, and a decode step that no test lives to see the end of. */
export const STUCK: StepTimes = { ...QUICK, decodeBaseSeconds: 1e6 };

/** What a test wants of a stand-in; it ends with the test. */
export async function withStandIn(
  some: Partial<StandInOptions>,
  use: (url: string, standIn: StandIn) => Promise<void>,
): Promise<void> {
  const none = { perRequestSeconds: 0, perTokenSeconds: 0 };
  const standIn = await startStandIn({
    ...{ modelId: "google/gemma-2-2b-it", limits: limits(), times: QUICK, jitter: 0, overhead: none },
    ...some,
  });
  try {
    await use(standIn.url, standIn);
  } finally {
    await standIn.close();
  }
}

export function post(url: string, path: string, body: unknown, signal?: AbortSignal): Promise<Response> {
  return fetch(url + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: typeof body === "string" ? body : JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  });
}

/** The data of a stream of server-sent events, in the form in which axum 0.7 writes it. */
export async function events(response: Response): Promise<string[]> {
  const parts = (await response.text()).split("\n\n");
  if (parts.pop() !== "") throw new Error("a stream ends with an empty line");
  return parts.map((part) => {
    if (!part.startsWith("data: ") || part.includes("\n")) throw new Error(`no event: ${part}`);
    return part.slice("data: ".length);
  });
}

/** Reads until a stream has sent its first event, and leaves it open. */
export async function firstEvent(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  const { value } = (await reader?.read()) ?? {};
  return Buffer.from(value ?? []).toString();
}

/** Waits for something that other processes or the event loop will bring about. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setImmediate(resolve));
}

/** Samples of the text format: `name{labels}` and value. */
export function samples(text: string): ReadonlyMap<string, number> {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => {
      const space = line.lastIndexOf(" ");
      return [line.slice(0, space), Number(line.slice(space + 1))];
    }),
  );
}

/** A clock that stands until it is told, and whose timers are late by as much as one likes. */
export class ToldClock implements Clock {
  private at = 0;
  private due = Number.POSITIVE_INFINITY;
  private call = () => {};

  constructor(private readonly late: () => number = () => 0) {}

  now(): number {
    return this.at;
  }

  wake(seconds: number, call: () => void): void {
    this.due = this.at + Math.max(0, seconds) + this.late();
    this.call = call;
  }

  stop(): void {
    this.due = Number.POSITIVE_INFINITY;
  }

  get isWaiting(): boolean {
    return this.due < Number.POSITIVE_INFINITY;
  }

  /** Lets time pass. */
  pass(to: number): void {
    while (this.due <= to) {
      this.at = this.due;
      this.due = Number.POSITIVE_INFINITY;
      this.call();
    }
    this.at = to;
  }
}
