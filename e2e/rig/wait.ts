/** A condition that has not come in time, with what was seen instead. */
export class TimedOut extends Error {}

export interface WaitOptions {
  readonly seconds: number;
  /** Between two looks. */
  readonly everyMs?: number;
  /** Faults that waiting does not mend: they are thrown at once. */
  readonly unless?: (error: unknown) => boolean;
}

/**
 * Looks until something is there. A look that throws counts as one that saw nothing: what it said is in the message
 * when time runs out.
 *
 * @param what the condition, for the message: `the HPA to want 3 replicas`.
 * @param look returns undefined, or a text that says what was seen, as long as the condition does not hold.
 */
export async function until<T extends object>(
  what: string,
  look: () => Promise<T | string | undefined> | T | string | undefined,
  { seconds, everyMs = 50, unless }: WaitOptions,
): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  let seen = "nothing";
  for (;;) {
    try {
      const found = await look();
      if (typeof found === "object") return found;
      seen = found ?? seen;
    } catch (error) {
      if (unless?.(error)) throw error;
      seen = error instanceof Error ? error.message : String(error);
    }
    if (Date.now() > deadline) throw new TimedOut(`waited ${seconds} s for ${what}; last seen: ${seen}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
