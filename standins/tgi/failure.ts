/**
 * An error as TGI answers it: `error` and `error_type` of its body, and its HTTP status. The shards of a stand-in never
 * fail, so that there is no 424.
 */
export interface Failure {
  readonly status: number;
  readonly body: { readonly error: string; readonly error_type: string };
}

function failure(status: number, error: string, type: string): Failure {
  return { status, body: { error, error_type: type } };
}

export const OVERLOADED = failure(429, "Model is overloaded", "overloaded");

export const UNHEALTHY = failure(503, "unhealthy", "healthcheck");

export function invalid(rule: string): Failure {
  return failure(422, `Input validation error: ${rule}`, "validation");
}

export function badTemplate(rule: string): Failure {
  return failure(422, `Template error: syntax error: ${rule} (in <string>:1)`, "template_error");
}

export function badTools(rule: string): Failure {
  return failure(422, `Tool error: ${rule}`, "tool_error");
}
