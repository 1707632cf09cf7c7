import { copyFileSync, cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { writeLanguageHost } from "../e2e/engine/launchers";
import { Project } from "../e2e/engine/project";
import { endRun } from "../e2e/rig/run";
import type { Command } from "./measure";

const REPOSITORY = join(__dirname, "..");
const SOURCES = ["autoscaling", "catalog", "components", "config", "observability"] as const;

/** Previews of one stack by the real engine. */
export interface Previews {
  readonly commands: Readonly<Record<string, Command>>;
  end(): Promise<void>;
}

/**
 * Prepares previews with the real CLI and engine and the SDK's own runner of programs: of the program, of an empty one
 * with the same providers' modules and options, and of the program with Pulumi's default options, which check types.
 */
export async function preparePreviews(): Promise<Previews> {
  const variants = {
    "preview of an empty program": { program: "bench/emptyProgram.ts", checksTypes: false },
    preview: { program: "index.ts", checksTypes: false },
    "preview with Pulumi's defaults": { program: "index.ts", checksTypes: true },
  };
  const commands: Record<string, Command> = {};
  for (const [name, { program, checksTypes }] of Object.entries(variants)) {
    commands[name] = await previewOf(program, checksTypes);
  }
  return { commands, end: endRun };
}

async function previewOf(program: string, checksTypes: boolean): Promise<Command> {
  const project = await Project.create();
  await project.stack("dev");
  for (const folder of SOURCES) cpSync(join(REPOSITORY, folder), join(project.directory, folder), { recursive: true });
  for (const name of ["platform.ts", "tsconfig.json", "tsconfig.pulumi.json"]) {
    copyFileSync(join(REPOSITORY, name), join(project.directory, name));
  }
  copyFileSync(join(REPOSITORY, program), join(project.directory, "index.ts"));
  const settings = parseDocument(readFileSync(join(project.directory, "Pulumi.yaml"), "utf8"));
  if (checksTypes) settings.set("runtime", "nodejs");
  writeFileSync(join(project.directory, "Pulumi.yaml"), settings.toString());
  const bin = join(project.folder, "bin");
  writeLanguageHost(bin);
  return {
    file: project.cli,
    args: ["preview", "--stack", "dev", "--non-interactive", "--suppress-progress"],
    cwd: project.directory,
    env: { ...project.environment, PATH: `${bin}:${process.env.PATH}` },
    measured: /@pulumi\/pulumi\/cmd\/run/,
  };
}
