import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { stringify } from "yaml";
import { makeDirectory } from "../makeDirectory";
import { OUTPUT_FILES } from "../stackFolder";
import type { CapturedGraph } from "./capture";
import { applyOrder, isInCluster, kindOf, manifestOf } from "./resources";
import { type CapturedValue, isObject, Secret, UNKNOWN } from "./values";

export interface Manifest {
  readonly file: string;
  readonly object: Readonly<Record<string, unknown>>;
}

/** The manifests could not be written. */
export class OutputError extends Error {
  constructor(directory: string, cause: unknown) {
    super(
      `${directory}: cannot be written (${cause instanceof Error ? cause.message : cause}). Choose another folder with --out.`,
    );
  }
}

/** What is written in place of a value that must not be, or cannot be known yet. */
const WITHHELD = { secret: "<secret: only Pulumi writes it>", unknown: "<known after creation>" } as const;

/** The objects of the cluster, one file each, numbered in the order in which they can be applied. */
export function manifestsOf(graph: CapturedGraph): readonly Manifest[] {
  return applyOrder(graph.resources.filter(isInCluster)).map((resource, index) => {
    const object = plain(manifestOf(resource)) as Record<string, unknown>;
    const { metadata } = manifestOf(resource);
    const name = isObject(metadata) && typeof metadata.name === "string" ? metadata.name : resource.name;
    const number = String(index + 1).padStart(2, "0");
    const file = `${number}-${kindOf(resource.type).toLowerCase()}-${name.replaceAll(/[^a-z0-9.-]+/g, "-")}.yaml`;
    return { file, object };
  });
}

/** A captured value as plain data, with marks where something is withheld. A secret object keeps its keys. */
export function plain(value: CapturedValue, secret = false): unknown {
  if (value === UNKNOWN) return WITHHELD.unknown;
  if (value instanceof Secret) return plain(value.value, true);
  if (Array.isArray(value)) return value.map((item) => plain(item, secret));
  if (isObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part, secret)]));
  }
  return secret ? WITHHELD.secret : value;
}

export function manifestYaml(manifest: Manifest): string {
  return stringify(manifest.object, { lineWidth: 0, aliasDuplicateObjects: false });
}

/**
 * Writes manifests into a folder, in place of those that it held; what the other commands write there stays. They are
 * written beside it first and moved when all of them are there, so that a fault leaves either the old ones or the new
 * ones.
 */
export function writeManifests(directory: string, manifests: readonly Manifest[]): void {
  try {
    replaceDirectory(directory, manifests);
  } catch (error) {
    throw new OutputError(directory, error);
  }
}

/** The files that a plan writes. */
const OURS = /^\d{2,}-[a-z]+-.+\.yaml$/;

/** Those of the other commands, also where one was ended while it wrote. */
const THEIRS: ReadonlySet<string> = new Set(OUTPUT_FILES.flatMap((name) => [name, `${name}.new`]));

function replaceDirectory(path: string, manifests: readonly Manifest[]): void {
  makeDirectory(dirname(path));
  // A link stays one.
  const directory = existsSync(path) ? realpathSync(path) : path;
  const others = existsSync(directory) ? readdirSync(directory).filter((name) => !OURS.test(name)) : [];
  const foreign = others.filter((name) => !THEIRS.has(name));
  if (foreign.length > 0) throw new Error(`it holds what no plan has written: ${foreign.slice(0, 3).join(", ")}`);
  const temporary = mkdtempSync(`${directory}.`);
  const next = join(temporary, "next");
  const old = join(temporary, "old");
  try {
    mkdirSync(next);
    for (const manifest of manifests) writeFileSync(join(next, manifest.file), manifestYaml(manifest));
    for (const name of others) {
      // Copied, so that they are there whatever fails.
      cpSync(join(directory, name), join(next, name), { verbatimSymlinks: true, preserveTimestamps: true });
    }
    if (existsSync(directory)) renameSync(directory, old);
    renameSync(next, directory);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
