import { Server, ServerCredentials } from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { Cloud } from "./cloud";
import { googlePackage, kubernetesPackage } from "./package";
import { providerService } from "./service";
import { FOLDER_VARIABLE } from "./settings";
import { StandIn } from "./standIn";

const PARENT_LOOK_MS = 100;
/** A state file holds whole dashboards: more than gRPC lets through by itself. */
const UNLIMITED = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };

/** Serves one of the providers until the engine that started it is gone. */
export function serve(name: "gcp" | "kubernetes"): void {
  const folder = process.env[FOLDER_VARIABLE];
  if (folder === undefined) throw new Error(`${FOLDER_VARIABLE} is not set: stand-ins run in a run's folder only`);
  endWithParent();
  const cloud = new Cloud(folder);
  const provider = name === "gcp" ? googlePackage(cloud) : kubernetesPackage(cloud);
  const server = new Server(UNLIMITED);
  server.addService(ResourceProviderService, providerService(provider, new StandIn(folder, cloud, provider)));
  server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
    if (error !== null) throw error;
    // The engine reads the port from the first line.
    process.stdout.write(`${port}\n`);
  });
}

/** An engine that was killed leaves its plugins behind; these end by themselves. */
function endWithParent(): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.exit(1);
  }, PARENT_LOOK_MS).unref();
  // The engine's way to stop its plugins; it starts them in groups of their own, where no Ctrl-C arrives.
  process.on("SIGINT", () => process.exit(0));
}
