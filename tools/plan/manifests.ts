import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { makeDirectory } from "../makeDirectory";
import { ANOTHER_FOLDER, OUTPUT_FILES } from "../stackFolder";
import { ASIDE } from "../writeWhole";
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
    super(`${directory}: cannot be written (${cause instanceof Error ? cause.message : cause}). ${ANOTHER_FOLDER}`);
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
 * Writes manifests into a folder, in place of those that it held; nothing else there is touched. All of them are written
 * aside before the first is moved into its place: a fault while they are written leaves the old ones, and one that comes
 * later leaves whole files.
 */
export function writeManifests(directory: string, manifests: readonly Manifest[]): void {
  try {
    replaceManifests(directory, manifests);
  } catch (error) {
    throw new OutputError(directory, error);
  }
}

/** The files that a plan writes. */
const OURS = /^\d{2,}-[a-z]+-.+\.yaml$/;

/** Where a plan writes them first; there still where one was killed. */
const OURS_ASIDE = ".manifests-";

/** Those of the other commands. */
const THEIRS: ReadonlySet<string> = new Set(OUTPUT_FILES);

/** Whether a file's name is one that a plan finds in its folder; also where a command was killed while it wrote. */
function isKnown(name: string): boolean {
  return OURS.test(name) || name.startsWith(OURS_ASIDE) || THEIRS.has(name.replace(ASIDE, ""));
}

function replaceManifests(directory: string, manifests: readonly Manifest[]): void {
  makeDirectory(directory);
  const held = readdirSync(directory);
  const foreign = held.filter((name) => !isKnown(name));
  if (foreign.length > 0) throw new Error(`it holds what no plan has written: ${foreign.slice(0, 3).join(", ")}`);
  // Inside, where a rename never leads to another file system.
  const aside = mkdtempSync(join(directory, OURS_ASIDE));
  try {
    for (const manifest of manifests) writeFileSync(join(aside, manifest.file), manifestYaml(manifest));
    for (const { file } of manifests) renameSync(join(aside, file), join(directory, file));
    const current = new Set(manifests.map(({ file }) => file));
    for (const name of held) if (OURS.test(name) && !current.has(name)) rmSync(join(directory, name), { force: true });
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}
