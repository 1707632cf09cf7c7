import type { StackConfig } from "../../config/stackConfig";
import { type ServerLimits, serverLimits } from "../../tools/simulate/server/limits";
import { type ServerTimes, serverTimes } from "../../tools/simulate/server/serverTimes";

/** One server of a stack. */
export interface Played {
  readonly modelId: string;
  readonly accelerator: string;
  readonly gpus: number;
  readonly limits: ServerLimits;
  readonly times: ServerTimes;
}

/**
 * The server that a stack deploys, with the limits that it would have and step times of the roofline.
 *
 * @throws when the model is not in the catalogue.
 */
export function playedServer(config: Pick<StackConfig, "server" | "gpuPool">): Played {
  const { modelId, gpus } = config.server;
  const { accelerator } = config.gpuPool;
  return { modelId, accelerator, gpus, limits: serverLimits(config), times: serverTimes(config) };
}
