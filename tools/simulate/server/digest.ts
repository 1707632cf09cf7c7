import { createHash } from "node:crypto";

/** What the stack file's key `calibration` holds: the digest of the file's bytes. */
export function digestOf(text: string): string {
  return `sha256:${createHash("sha256").update(text, "utf8").digest("hex")}`;
}

/**
 * What to say of where step times and target are from: that they can be measured, or that the stack's target was, with
 * another calibration than what is simulated with; undefined where there is nothing to say.
 *
 * @param named the stack's key `calibration`.
 * @param used the calibration file's name and text; without one the step times are the roofline's.
 */
export function calibrationNote(
  named: string | undefined,
  used: { readonly file: string; readonly text: string } | undefined,
): string | undefined {
  if (named === undefined) {
    return used === undefined
      ? "Nothing here was measured: npm run calibrate measures a server of yours, and --calibration takes its step times."
      : undefined;
  }
  if (used === undefined) {
    return `The stack's target was measured (${named}), and the step times here are the roofline's: give its calibration file with --calibration.`;
  }
  const digest = digestOf(used.text);
  if (named === digest) return undefined;
  return `The stack's target was measured with another calibration (${named}) than ${used.file} (${digest}).`;
}
