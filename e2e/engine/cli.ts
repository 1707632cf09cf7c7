import { spawn } from "node:child_process";
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from "@grpc/grpc-js";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";
import program from "../../index";
import type { Project } from "./project";
import { quietly } from "./quiet";

export interface CliResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the CLI as a person does in the project's folder, for what the Automation API does not offer. */
export function runCli(
  project: Project,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<CliResult> {
  const run = () =>
    new Promise<CliResult>((resolve, reject) => {
      const env = { ...process.env, ...project.environment, ...environment };
      const child = spawn(project.cli, [...args, "--non-interactive"], { cwd: project.directory, env });
      const output = { stdout: "", stderr: "" };
      child.stdout.on("data", (chunk) => {
        output.stdout += chunk;
      });
      child.stderr.on("data", (chunk) => {
        output.stderr += chunk;
      });
      child.on("error", reject);
      child.on("close", (status) => resolve({ status: status ?? 1, ...output }));
    });
  return project.commands.during(run);
}

/** The Automation API's own server of an inline program; it comes without declarations. */
interface InlineProgram {
  getRequiredPlugins(call: ServerUnaryCall<unknown, unknown>, callback: sendUnaryData<unknown>): void;
  run(call: ServerUnaryCall<unknown, unknown>, callback: sendUnaryData<unknown>): void;
  getPluginInfo(call: ServerUnaryCall<unknown, unknown>, callback: sendUnaryData<unknown>): void;
}
const { LanguageServer }: { LanguageServer: new (program: () => Promise<unknown>) => InlineProgram } =
  require("@pulumi/pulumi/automation/server");

/** The same with our program, for commands that evaluate it. */
export async function runCliWithProgram(project: Project, args: readonly string[]): Promise<CliResult> {
  const server = new Server();
  const inline = new LanguageServer(async () => program());
  server.addService(LanguageRuntimeService, {
    getRequiredPlugins: inline.getRequiredPlugins.bind(inline),
    run: inline.run.bind(inline),
    getPluginInfo: inline.getPluginInfo.bind(inline),
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  try {
    return await quietly(() => runCli(project, [...args, `--client=127.0.0.1:${port}`]));
  } finally {
    server.forceShutdown();
  }
}
