import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { COMMAND_FILES } from "./commands";

/** The packages that the stand-in answers for. */
export const STAND_INS = ["gcp", "kubernetes"] as const;

/** Environment variable: `yes` for answers to what nobody asks. */
export const QUICK_VARIABLE = "ENGINE_RUN_QUICK";

/** A stand-in lives for a second: what V8 spends on optimising its code, a fifth of all, never comes back. */
const NODE_OPTION = "--no-opt";

/**
 * Makes a provider plugin of the stand-in for each package in a folder, where the engine looks for executables of
 * certain names. In one file: the engine starts them anew for each operation, and loading hundreds takes half a second.
 */
export function writeStandIns(folder: string): void {
  const bundle = join(folder, "stand-in.js");
  bundleOf("provider/main.ts", bundle);
  for (const name of STAND_INS) {
    const serve = `require(${JSON.stringify(bundle)}).serve(${JSON.stringify(name)});`;
    writeExecutable(join(folder, `pulumi-resource-${name}`), `#!${process.execPath} ${NODE_OPTION}\n${serve}\n`);
  }
}

/** Puts a language host for Node into a folder, where the engine finds it when the folder is in `PATH`. */
export function writeLanguageHost(folder: string): void {
  const bundle = join(folder, "language-host.js");
  bundleOf("language/host.ts", bundle);
  const serve = `require(${JSON.stringify(bundle)}).serveLanguageHost(process.argv.at(-1));`;
  writeExecutable(join(folder, "pulumi-language-nodejs"), `#!${process.execPath}\n${serve}\n`);
}

/**
 * A launcher of the CLI that says which process it becomes: who wants to kill an engine has to know. Once the run
 * ends it starts none: it says who it is before it looks for the end, and the run says that it ends before it looks for
 * a command, so that one of them sees the other. And it answers by itself where the Automation API asks for outputs and
 * history after each operation: three starts of the CLI, a second each, for what these tests do not read.
 *
 * @param folder of the run.
 */
export function writeCli(folder: string, pulumi: string): void {
  const { pid, ended } = COMMAND_FILES;
  writeExecutable(
    join(folder, "bin", "pulumi"),
    `#!/bin/sh
if [ "$${QUICK_VARIABLE}" = yes ]; then
  case "$1 $2" in
    "stack output") echo "{}"; exit ;;
    "stack history") echo "[]"; exit ;;
  esac
fi
echo $$ > '${folder}/${pid}.new' && mv -f '${folder}/${pid}.new' '${folder}/${pid}' || exit 1
[ ! -e '${folder}/${ended}' ] || exit 1
exec '${pulumi}' "$@"
`,
  );
}

function bundleOf(standIn: string, outfile: string): void {
  const entry = join(__dirname, "..", "..", "standins", standIn);
  buildSync({ entryPoints: [entry], outfile, bundle: true, platform: "node", format: "cjs", logLevel: "error" });
}

function writeExecutable(path: string, text: string): void {
  writeFileSync(path, text);
  chmodSync(path, 0o755);
}
