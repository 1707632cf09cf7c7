import { isAdmitting } from "./holdings";

/** Something has failed that no scenario waits for: what is played, or a program that ended by itself. */
export class Fault extends Error {}

/** The first one: what comes after it may come from it. */
let fault: Fault | undefined;
/** Those that wait for something that may never come now. */
const waiting = new Set<(fault: Fault) => void>();

/** Notes what has failed. Whoever waits is told at once, and the scenario that runs fails. */
export function addFault(error: unknown): void {
  // What is being ended fails in many ways.
  if (!isAdmitting() || fault !== undefined) return;
  const message = error instanceof Error ? error.message : String(error);
  fault = new Fault(`the rig itself has failed: ${message}`, error instanceof Error ? { cause: error } : {});
  for (const tell of waiting) tell(fault);
}

/** @throws the run's fault, if there is one. */
export function assertNoFault(): void {
  if (fault !== undefined) throw fault;
}

/** What comes of some waiting, or the run's fault as soon as there is one. */
export function orFault<T>(outcome: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    waiting.add(reject);
    outcome.then(resolve, reject).finally(() => waiting.delete(reject));
  });
}

export function hasFault(): boolean {
  return fault !== undefined;
}

export function forgetFault(): void {
  fault = undefined;
}
