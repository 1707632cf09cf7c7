import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { isRunning, killGroup } from "./holdings";

/** Programs that are built from one Go module, whose `go.mod` and `go.sum` pin every line of their source. */
interface ProgramGroup {
  /** Folder under `e2e/binaries`. */
  readonly module: string;
  /** Import paths of main packages, by the name of the program. */
  readonly packages: Readonly<Record<string, string>>;
  /** Linker variables: programs built without a release process do not know their version. */
  readonly variables: Readonly<Record<string, string>>;
}

/** The name of a folder that a group is built in says which process builds. */
const ASIDE = /^building-(\d+)-/;

const KUBERNETES_VERSION = { gitVersion: "v1.35.4", gitMajor: "1", gitMinor: "35" } as const;

const GROUPS = {
  kubernetes: {
    module: "kubernetes",
    packages: {
      etcd: "go.etcd.io/etcd/server/v3",
      "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
      "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
      "kube-scheduler": "k8s.io/kubernetes/cmd/kube-scheduler",
    },
    variables: Object.fromEntries(
      Object.entries(KUBERNETES_VERSION).map(([name, value]) => [`k8s.io/component-base/version.${name}`, value]),
    ),
  },
  pulumi: {
    module: "pulumi",
    packages: { pulumi: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi" },
    variables: { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": "v3.259.0" },
  },
} as const satisfies Record<string, ProgramGroup>;

export type GroupName = keyof typeof GROUPS;
export type Programs<G extends GroupName> = Readonly<Record<keyof (typeof GROUPS)[G]["packages"], string>>;

/** Something that a person has to do before the runs can start. */
export class Unprepared extends Error {}

/**
 * The programs of a group, built if they are not in the cache: the first time takes minutes and says so, later ones
 * nothing. The cache is keyed by the module's files, so a changed version is built anew beside the old one.
 *
 * @param signal breaks a build off.
 * @throws Unprepared without Go, or when the build fails or is broken off.
 */
export async function programs<G extends GroupName>(
  name: G,
  say: (line: string) => void,
  signal?: AbortSignal,
): Promise<Programs<G>> {
  const recipe = recipeOf(name);
  const { group, folder } = recipe;
  if (!existsSync(folder)) await build(recipe, say, signal);
  return Object.fromEntries(
    Object.keys(group.packages).map((program) => [program, join(folder, program)]),
  ) as Programs<G>;
}

/** Whether the programs of a group are in the cache. */
export function isBuilt(name: GroupName): boolean {
  return existsSync(recipeOf(name).folder);
}

/** How a group is built. */
interface Recipe {
  readonly group: ProgramGroup;
  readonly source: string;
  readonly flags: string;
  /** Of the cache, that it goes to. */
  readonly folder: string;
}

function recipeOf(name: GroupName): Recipe {
  const group: ProgramGroup = GROUPS[name];
  const source = join(__dirname, "..", "binaries", group.module);
  const flags = `-s -w ${Object.entries(group.variables)
    .map(([variable, value]) => `-X ${variable}=${value}`)
    .join(" ")}`;
  return { group, source, flags, folder: join(cacheFolder(), `${name}-${keyOf(source, flags)}`) };
}

function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "gke-llm-autoscaling");
}

function keyOf(source: string, flags: string): string {
  const hash = createHash("sha256").update(flags);
  for (const file of ["go.mod", "go.sum"]) hash.update(readFileSync(join(source, file)));
  return hash.digest("hex").slice(0, 16);
}

async function build(
  { group, source, flags, folder }: Recipe,
  say: (line: string) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  await requireGo();
  mkdirSync(cacheFolder(), { recursive: true });
  sweep();
  // Built aside and moved: a build that was broken off leaves nothing that looks complete.
  const aside = mkdtempSync(join(cacheFolder(), `building-${process.pid}-`));
  try {
    const all = Object.entries(group.packages);
    for (const [index, [program, path]] of all.entries()) {
      say(`building ${program} (${index + 1} of ${all.length}), once: minutes the first time`);
      const begin = Date.now();
      const args = ["build", "-mod=readonly", "-trimpath", "-ldflags", flags, "-o", join(aside, program), path];
      const { status, output } = await go(args, source, { signal, workFolder: aside });
      if (status !== 0) throw new Unprepared(`go could not build ${program}:\n${output}`);
      say(`built ${program} in ${Math.round((Date.now() - begin) / 1000)} s`);
    }
    if (!existsSync(folder)) renameSync(aside, folder);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

/** Removes what builds have left whose process was killed; another one may build beside. */
function sweep(): void {
  for (const name of readdirSync(cacheFolder())) {
    const builder = ASIDE.exec(name)?.[1];
    if (builder !== undefined && !isRunning(Number(builder)))
      rmSync(join(cacheFolder(), name), { recursive: true, force: true });
  }
}

async function requireGo(): Promise<void> {
  const { status } = await go(["version"], __dirname);
  if (status !== 0) {
    throw new Unprepared(
      "The end-to-end runs build Kubernetes and Pulumi from source, which needs Go 1.25 or later: https://go.dev/dl/",
    );
  }
}

interface GoOptions {
  readonly signal?: AbortSignal | undefined;
  /** Where it leaves its own files if it is killed. */
  readonly workFolder?: string;
}

function go(
  args: readonly string[],
  cwd: string,
  { signal, workFolder }: GoOptions = {},
): Promise<{ status: number; output: string }> {
  return new Promise((resolve) => {
    // Checksums are verified against go.sum and the public database; a workspace of the user's must not take part.
    const env = { ...process.env, GOWORK: "off", CGO_ENABLED: "0" };
    const child = spawn("go", args, {
      cwd,
      env: workFolder === undefined ? env : { ...env, GOTMPDIR: workFolder },
      // A group of its own: it is ended with the compilers that it has started, whoever is signalled.
      detached: true,
    });
    const stop = () => {
      if (child.pid !== undefined) killGroup(child.pid);
    };
    if (signal?.aborted) stop();
    signal?.addEventListener("abort", stop, { once: true });
    const output: string[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => output.push(String(chunk)));
    child.on("error", (error) => resolve({ status: 1, output: error.message }));
    child.on("close", (status) => {
      signal?.removeEventListener("abort", stop);
      resolve({ status: status ?? 1, output: output.join("").slice(-4000) });
    });
  });
}
