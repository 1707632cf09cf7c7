import type { IncomingMessage } from "node:http";
import type { z } from "zod";

/** Largest body that the web framework of TGI (axum 0.7) takes, in bytes: its default, which TGI leaves. */
const MOST_BYTES = 2 * 1024 * 1024;

/** A body that is refused before it is looked at: a status, and a plain text. */
export interface BadBody {
  readonly status: 400 | 413 | 415 | 422;
  readonly text: string;
}

/** A body, or what is wrong with it. */
export type Body<T> = { readonly value: T } | { readonly bad: BadBody };

/**
 * Reads a JSON body as axum does. What axum says after the colon is `serde`'s, and here it is Node's and zod's.
 *
 * @returns undefined when the client has gone before it had sent everything.
 */
export async function readBody<T>(request: IncomingMessage, schema: z.ZodType<T>): Promise<Body<T> | undefined> {
  if (!isJson(request.headers["content-type"])) {
    return bad(415, "Expected request with `Content-Type: application/json`");
  }
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of request) {
      bytes += part.length;
      if (bytes > MOST_BYTES) return bad(413, "Failed to buffer the request body: length limit exceeded");
      parts.push(part);
    }
  } catch {
    return undefined;
  }
  let document: unknown;
  try {
    document = JSON.parse(Buffer.concat(parts).toString());
  } catch (error) {
    return bad(400, `Failed to parse the request body as JSON: ${error instanceof Error ? error.message : error}`);
  }
  const result = schema.safeParse(document);
  if (result.success) return { value: result.data };
  const issues = result.error.issues.map(({ path, message }) => `${path.join(".") || "body"}: ${message}`);
  return bad(422, `Failed to deserialize the JSON body into the target type: ${issues.join("; ")}`);
}

function bad(status: BadBody["status"], text: string): Body<never> {
  return { bad: { status, text } };
}

function isJson(contentType: string | undefined): boolean {
  const [type = ""] = (contentType ?? "").split(";");
  return /^application\/([^/]+\+)?json$/i.test(type.trim());
}
