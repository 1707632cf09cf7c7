import type { TokenLimits } from "../../config/stackConfig";
import { REQUEST_LIMITS } from "./validation";

/** The release of TGI that is played. */
export const TGI_VERSION = "2.4.0";

/** Where a real TGI has the label of its image, this one says what it is. */
const LABEL = "stand-in";

export const SYSTEM_FINGERPRINT = `${TGI_VERSION}-${LABEL}`;

/** What a server was started with. */
export interface Identity {
  readonly modelId: string;
  readonly limits: TokenLimits & { readonly maxConcurrentRequests: number };
}

/** `/info`. */
export function info({ modelId, limits }: Identity): object {
  return {
    model_id: modelId,
    model_sha: null,
    model_pipeline_tag: "text-generation",
    max_concurrent_requests: limits.maxConcurrentRequests,
    max_best_of: REQUEST_LIMITS.bestOf,
    max_stop_sequences: REQUEST_LIMITS.stopSequences,
    max_input_tokens: limits.maxInputTokens,
    max_total_tokens: limits.maxTotalTokens,
    validation_workers: 2,
    max_client_batch_size: 4,
    router: "text-generation-router",
    version: TGI_VERSION,
    sha: null,
    docker_label: LABEL,
  };
}

/** `/v1/models`. */
export function models({ modelId }: Pick<Identity, "modelId">): object {
  return { object: "list", data: [{ id: modelId, object: "model", created: 0, owned_by: modelId }] };
}
