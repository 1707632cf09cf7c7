import { setTimeout as elapsed } from "node:timers/promises";

/** A server whose store is gone lets one wait for a minute. */
const PATIENCE_MS = 10_000;

/** What is looked at when a scenario fails. */
const looks: (() => Promise<string>)[] = [];
let looking: Promise<void> = Promise.resolve();

/** Has every failure of the run tell what something is like at that moment. */
export function onFailure(look: () => Promise<string>): void {
  looks.push(look);
}

export function forgetLooks(): void {
  looks.length = 0;
}

/** Begins to look, and puts what is seen into the failure's message. */
export function lookAround(failure: Error): void {
  const all = looks.map((look) => Promise.race([look(), tooLate()]).catch((error: unknown) => `not seen: ${error}`));
  looking = Promise.all([looking, ...all]).then(([, ...seen]) => append(failure, seen.join("\n")));
}

/** Until what fails has been looked at, nothing may change. */
export function lookedAround(): Promise<void> {
  return looking;
}

async function tooLate(): Promise<never> {
  await elapsed(PATIENCE_MS, undefined, { ref: false });
  throw new Error(`no answer for ${PATIENCE_MS / 1000} s`);
}

function append(failure: Error, seen: string): void {
  if (seen === "") return;
  const { message, stack } = failure;
  failure.message = `${message}\n${seen}`;
  // Mocha prints the message, and of the stack what comes after the same message.
  if (stack !== undefined) failure.stack = stack.replace(message, () => failure.message);
}
