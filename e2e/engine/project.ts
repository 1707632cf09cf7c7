import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LocalWorkspace, PulumiCommand, Stack } from "@pulumi/pulumi/automation";
import { parseDocument } from "yaml";
import { PROJECT_NAME } from "../../config/parse";
import program from "../../index";
import { Cloud } from "../../standins/provider/cloud";
import { type JournalEntry, readJournal } from "../../standins/provider/journal";
import { FOLDER_VARIABLE, type StandInSettings, writeSettings } from "../../standins/provider/settings";
import { programs } from "../rig/binaries";
import { atEnd, removeFolder, temporaryFolder } from "../rig/run";
import { Commands } from "./commands";
import { QUICK_VARIABLE, STAND_INS, writeCli, writeStandIns } from "./launchers";
import { EngineStack } from "./stack";

const REPOSITORY = join(__dirname, "..", "..");

export const GOOGLE_PROJECT = "engine-run";
/** Looks like a token, and is found wherever it leaks to. */
export const TOKEN = "hf_engineRunTokenThatMustNotLeak";
const PASSPHRASE = "a passphrase of an engine run";

export interface ProjectOptions {
  readonly standIns?: Partial<StandInSettings>;
}

/**
 * A copy of the project in a temporary folder, with its own state, its own cloud and its own stand-ins: nothing that
 * one does is seen by another, whether one after the other or side by side.
 */
export class Project {
  private constructor(
    /** Everything of the run is below. */
    readonly folder: string,
    readonly cloud: Cloud,
    readonly commands: Commands,
    private readonly command: PulumiCommand,
  ) {}

  static async create({ standIns = {} }: ProjectOptions = {}): Promise<Project> {
    const { pulumi } = await programs("pulumi", (line) => process.stderr.write(`${line}\n`));
    const folder = temporaryFolder();
    for (const name of ["project", "state", "home", "bin", "plugins"]) mkdirSync(join(folder, name));
    copyProject(join(folder, "project"), join(folder, "plugins"));
    writeCli(folder, pulumi);
    writeStandIns(join(folder, "plugins"));
    writeSettings(folder, { msPerMinute: 0, faults: [], ...standIns });
    const commands = new Commands(folder);
    atEnd(() => commands.end());
    const command = await commands.during(() => PulumiCommand.get({ root: folder }));
    return new Project(folder, Cloud.make(folder), commands, command);
  }

  get directory(): string {
    return join(this.folder, "project");
  }

  /** The launcher of the CLI. */
  get cli(): string {
    return this.command.command;
  }

  /** What keeps the CLI in this folder, and away from the network. */
  get environment(): Readonly<Record<string, string>> {
    return {
      PULUMI_HOME: join(this.folder, "home"),
      PULUMI_BACKEND_URL: `file://${this.stateFolder}`,
      PULUMI_CONFIG_PASSPHRASE: PASSPHRASE,
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      // A command is over before it is worth while to collect its garbage: a fifth of its work, for 150 MB.
      GOGC: "off",
      GOMEMLIMIT: "1GiB",
      [FOLDER_VARIABLE]: this.folder,
    };
  }

  get stateFolder(): string {
    return join(this.folder, "state");
  }

  /** Makes a stack of the project, with the config that the repository has for it, an account and a token. */
  stack(name: string): Promise<EngineStack> {
    return this.commands.during(async () => {
      const stack = await Stack.create(name, await this.workspace());
      await stack.setAllConfig({
        "gcp:project": { value: GOOGLE_PROJECT },
        [`${PROJECT_NAME}:huggingFaceToken`]: { value: TOKEN, secret: true },
      });
      return new EngineStack(this, stack);
    });
  }

  /** Another look at a stack that exists, as from another terminal. */
  reopen(name: string, environment: Readonly<Record<string, string>> = {}): Promise<EngineStack> {
    return this.commands.during(
      async () => new EngineStack(this, await Stack.select(name, await this.workspace(environment))),
    );
  }

  setStandIns(settings: Partial<StandInSettings>): void {
    writeSettings(this.folder, { msPerMinute: 0, faults: [], ...settings });
  }

  journal(): readonly JournalEntry[] {
    return readJournal(this.folder);
  }

  async remove(): Promise<void> {
    // A scenario whose time ran out has left its command behind.
    await this.commands.end();
    removeFolder(this.folder);
  }

  private workspace(environment: Readonly<Record<string, string>> = {}): Promise<LocalWorkspace> {
    return LocalWorkspace.create({
      workDir: this.directory,
      pulumiHome: join(this.folder, "home"),
      pulumiCommand: this.command,
      program: async () => program(),
      envVars: { ...this.environment, [QUICK_VARIABLE]: "yes", ...environment },
    });
  }
}

/** The files that the CLI reads, unchanged but for where the provider plugins are. */
function copyProject(folder: string, plugins: string): void {
  for (const name of ["Pulumi.dev.yaml", "Pulumi.prod.yaml", "index.ts", "package.json", "tsconfig.json"]) {
    copyFileSync(join(REPOSITORY, name), join(folder, name));
  }
  symlinkSync(join(REPOSITORY, "node_modules"), join(folder, "node_modules"));
  const settings = parseDocument(readFileSync(join(REPOSITORY, "Pulumi.yaml"), "utf8"));
  const providers = STAND_INS.map((name) => ({ name, path: plugins }));
  settings.set("plugins", { providers });
  writeFileSync(join(folder, "Pulumi.yaml"), settings.toString());
}
