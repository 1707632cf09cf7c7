import Module from "node:module";

/**
 * Keeps Pulumi's function serialiser from being loaded: it brings the TypeScript compiler and npm's dependency
 * resolver along, which is half of the plan's time, and only programs with dynamic providers use it. Ours has none.
 * To be imported before anything of Pulumi.
 */
const UNUSED = ["@pulumi/pulumi/runtime/closure/serializeClosure", "@pulumi/pulumi/runtime/closure/codePaths"] as const;

const unavailable = () => {
  throw new Error("functions cannot be serialised in a plan");
};

for (const path of UNUSED) {
  const filename = require.resolve(path);
  const stub = new Module(filename);
  stub.filename = filename;
  stub.loaded = true;
  stub.exports = { serializeFunction: unavailable, serializeFunctionAsync: unavailable, computeCodePaths: unavailable };
  require.cache[filename] = stub;
}
