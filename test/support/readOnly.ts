import fs, { realpathSync } from "node:fs";

/** Runs something while a folder cannot be written: not by its mode, since root may write everywhere. */
export async function whileReadOnly<T>(folder: string, run: () => Promise<T>): Promise<T> {
  const access = fs.accessSync;
  const real = realpathSync(folder);
  const readOnly = (path: string, mode?: number) => {
    if (path === real) throw new Error(`EROFS: read-only file system, access '${path}'`);
    access(path, mode);
  };
  Object.assign(fs, { accessSync: readOnly });
  try {
    return await run();
  } finally {
    Object.assign(fs, { accessSync: access });
  }
}
