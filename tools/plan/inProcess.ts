/** What a Pulumi program does to the process that runs it, and how the others in there are kept from it. */

/** No stack traces at all. */
export const NO_FRAMES = 0;

/** Pulumi takes a stack trace of every promise, several for each output: with frames, that is most of a run. */
export async function withStackTraces<T>(frames: number, run: () => Promise<T>): Promise<T> {
  const mapped = process.sourceMapsEnabled;
  const depth = Error.stackTraceLimit;
  process.setSourceMapsEnabled(frames > NO_FRAMES && mapped);
  Error.stackTraceLimit = frames;
  try {
    return await run();
  } finally {
    process.setSourceMapsEnabled(mapped);
    Error.stackTraceLimit = depth;
  }
}

/**
 * Runs something whose promises may reject with nobody waiting for them. Whoever else listens for unhandled rejections
 * (a test runner) does not hear of them meanwhile.
 *
 * @param stray is told of each.
 */
export async function withStrayRejections<T>(stray: (error: unknown) => void, run: () => Promise<T>): Promise<T> {
  const others = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", stray);
  try {
    return await run();
  } finally {
    // Node reports a rejection when the microtasks have run out.
    await new Promise((resolve) => setImmediate(resolve));
    process.removeAllListeners("unhandledRejection");
    for (const listener of others) process.on("unhandledRejection", listener);
  }
}
