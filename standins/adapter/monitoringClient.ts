import type { MonitoringRequest } from "./requests";

/** Cloud Monitoring's answer was no success, or there was none. */
export class MonitoringError extends Error {}

/** Asks Cloud Monitoring, as Google's client for Go does. */
export class MonitoringClient {
  /** @param address of the API, ending in `/`. */
  constructor(private readonly address: string) {}

  /** @throws MonitoringError with Google's text, worded as the adapter passes it on. */
  async get<T>({ path, query }: MonitoringRequest): Promise<T> {
    const url = new URL(path, this.address);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const answer = await fetch(url).catch((error: unknown) => {
      const { cause } = error as { cause?: unknown };
      throw new MonitoringError(`Get "${url}": ${cause instanceof Error ? cause.message : String(error)}`);
    });
    const text = await answer.text();
    if (answer.ok) return JSON.parse(text) as T;
    throw new MonitoringError(`googleapi: Error ${answer.status}: ${messageOf(text) ?? text}`);
  }
}

function messageOf(text: string): string | undefined {
  try {
    return (JSON.parse(text) as { error?: { message?: string } }).error?.message;
  } catch {
    // Something between here and Google answered, in a form of its own.
    return undefined;
  }
}
