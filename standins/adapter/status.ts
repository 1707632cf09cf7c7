/** An answer that is no success, in Kubernetes' form; callbacks may throw one, too. */
export class StatusError extends Error {
  constructor(
    /** HTTP status. */
    readonly code: number,
    /** Kubernetes' word for it: clients tell errors apart by it. Empty for what has none. */
    readonly reason: string,
    message: string,
  ) {
    super(message);
  }
}

export function badRequest(message: string): StatusError {
  return new StatusError(400, "BadRequest", message);
}

export function notFound(message: string): StatusError {
  return new StatusError(404, "NotFound", message);
}

export function internalError(message: string): StatusError {
  return new StatusError(500, "InternalError", `Internal error occurred: ${message}`);
}

/** The `Status` object of an error. What is none of ours becomes a 500 without a reason, as in the real API server. */
export function statusOf(error: unknown): { readonly code: number; readonly body: object } {
  const { code, reason, message } =
    error instanceof StatusError
      ? error
      : { code: 500, reason: "", message: error instanceof Error ? error.message : String(error) };
  const body = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message };
  return { code, body: { ...body, ...(reason === "" ? {} : { reason }), code } };
}
