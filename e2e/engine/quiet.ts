/**
 * Runs an operation of the Automation API, whose program runs in this process.
 *
 * Its stray rejections are not the test runner's business: when an engine refuses or dies, calls in flight reject with
 * nobody waiting for them; what matters of it is in the operation's own result. And no stack traces are taken
 * meanwhile: Pulumi takes one for every promise, which is most of a program's time.
 */
export async function quietly<T>(run: () => Promise<T>): Promise<T> {
  const others = process.listeners("unhandledRejection");
  const depth = Error.stackTraceLimit;
  const mapped = process.sourceMapsEnabled;
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", () => {});
  process.setSourceMapsEnabled(false);
  Error.stackTraceLimit = 0;
  try {
    return await run();
  } finally {
    // Node reports a rejection when the microtasks have run out.
    await new Promise((resolve) => setImmediate(resolve));
    Error.stackTraceLimit = depth;
    process.setSourceMapsEnabled(mapped);
    process.removeAllListeners("unhandledRejection");
    for (const listener of others) process.on("unhandledRejection", listener);
  }
}
