import { spawn } from "node:child_process";
import { join } from "node:path";
import { Server, ServerCredentials, type UntypedServiceImplementation } from "@grpc/grpc-js";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";
import * as rpc from "@pulumi/pulumi/proto/language_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";

/** The runner has said what is wrong by itself. */
const SAID_ALREADY = 32;

/**
 * A stand-in for Pulumi's language host for Node, as far as `preview` and `up` need it: it starts the SDK's own runner,
 * with the options of `Pulumi.yaml`, as the real one does. So what a preview takes is what it takes with the real one,
 * but for the host's own start.
 *
 * Source: pulumi/pulumi `sdk/nodejs/cmd/pulumi-language-nodejs`.
 *
 * @param engine address of the engine, the plugin's first argument.
 */
export function serveLanguageHost(engine: string): void {
  const server = new Server();
  server.addService(LanguageRuntimeService, languageService(engine));
  server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
    if (error !== null) throw error;
    process.stdout.write(`${port}\n`);
  });
}

function languageService(engine: string): UntypedServiceImplementation {
  return {
    getPluginInfo: (_call: unknown, answer: Answer) => answer(null, new PluginInfo().setVersion("0.0.0")),
    getRequiredPackages: (_call: unknown, answer: Answer) => answer(null, new rpc.GetRequiredPackagesResponse()),
    getRequiredPlugins: (_call: unknown, answer: Answer) => answer(null, new rpc.GetRequiredPluginsResponse()),
    run: ({ request }: { request: rpc.RunRequest }, answer: Answer) => {
      run(engine, request).then(
        (response) => answer(null, response),
        (error: Error) => answer(error),
      );
    },
  };
}

type Answer = (error: Error | null, response?: object) => void;

function run(engine: string, request: rpc.RunRequest): Promise<rpc.RunResponse> {
  const info = request.getInfo();
  const options = info?.getOptions()?.toJavaScript() ?? {};
  const flags: Readonly<Record<string, string>> = {
    monitor: request.getMonitorAddress(),
    engine,
    organization: request.getOrganization(),
    project: request.getProject(),
    stack: request.getStack(),
    pwd: request.getPwd(),
    parallel: String(request.getParallel()),
    ...(request.getDryrun() ? { "dry-run": "true" } : {}),
  };
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);
  const tsconfig = typeof options.tsconfig === "string" ? { PULUMI_NODEJS_TSCONFIG_PATH: options.tsconfig } : {};
  const nodeArguments = typeof options.nodeargs === "string" ? options.nodeargs.split(/\s+/) : [];
  const root = info?.getRootDirectory() ?? request.getPwd();
  const runner = join(root, "node_modules", "@pulumi", "pulumi", "cmd", "run");
  const child = spawn(process.execPath, [...nodeArguments, runner, ...args, info?.getEntryPoint() ?? "."], {
    cwd: info?.getProgramDirectory() ?? request.getPwd(),
    stdio: ["ignore", "inherit", "inherit"],
    env: {
      ...process.env,
      PULUMI_NODEJS_TYPESCRIPT: "true",
      PULUMI_CONFIG: JSON.stringify(Object.fromEntries(request.getConfigMap().getEntryList())),
      PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
      ...tsconfig,
    },
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => {
      const response = new rpc.RunResponse();
      if (code === SAID_ALREADY) response.setBail(true);
      else if (code !== 0) response.setError(`the program ended with ${code}`);
      resolve(response);
    });
  });
}
