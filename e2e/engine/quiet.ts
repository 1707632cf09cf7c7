import { NO_FRAMES, withStackTraces, withStrayRejections } from "../../tools/plan/inProcess";

/**
 * Runs an operation of the Automation API, whose program runs in this process. When an engine refuses or dies, calls in
 * flight reject with nobody waiting for them; what matters of it is in the operation's own result.
 */
export function quietly<T>(run: () => Promise<T>): Promise<T> {
  return withStackTraces(NO_FRAMES, () => withStrayRejections(() => undefined, run));
}
