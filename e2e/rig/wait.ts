import { assertNoFault, orFault } from "./faults";

/** A condition that has not come in time, with what was seen instead. */
export class TimedOut extends Error {}

export interface WaitOptions {
  readonly seconds: number;
  /** Between two looks. */
  readonly everyMs?: number;
  /** Faults that waiting does not mend: they are thrown at once. */
  readonly unless?: (error: unknown) => boolean;
}

/** Says what is seen as long as a condition does not hold. */
type Look<T extends object> = () => Promise<T | string | undefined> | T | string | undefined;

/**
 * Looks until something is there. A look that throws counts as one that saw nothing: what it said is in the message
 * when time runs out. A fault of the rig ends the waiting at once, even in the middle of a look.
 *
 * @param what the condition, for the message: `the HPA to want 3 replicas`.
 * @param look returns undefined, or a text that says what was seen, as long as the condition does not hold.
 */
export function until<T extends object>(what: string, look: Look<T>, options: WaitOptions): Promise<T> {
  return orFault(lookUntil(what, look, options));
}

async function lookUntil<T extends object>(
  what: string,
  look: Look<T>,
  { seconds, everyMs = 50, unless }: WaitOptions,
): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  let seen = "nothing";
  for (;;) {
    assertNoFault();
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
