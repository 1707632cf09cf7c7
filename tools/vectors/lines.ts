import { createReadStream } from "node:fs";
import { pipeline, type Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { VectorsError } from "./difference";

/**
 * The lines of a text file, gzipped where its name ends in `.gz`, one after the other: a file may be larger than
 * memory.
 *
 * @throws {VectorsError} when the file cannot be read or unpacked.
 */
export async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = "";
  try {
    for await (const chunk of textOf(file)) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      yield* lines;
    }
  } catch (error) {
    throw new VectorsError(`${file}: cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (rest !== "") yield rest;
}

function textOf(file: string): Readable {
  const bytes = createReadStream(file, { highWaterMark: 1 << 18 });
  if (!file.endsWith(".gz")) return bytes.setEncoding("utf8");
  // An error of either stream is met by whoever reads the last one.
  return pipeline(bytes, createGunzip(), () => undefined).setEncoding("utf8");
}
