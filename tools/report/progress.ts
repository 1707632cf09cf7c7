import { SingleBar } from "cli-progress";

/** Says how far something long has come. */
export interface Progress {
  /**
   * @param share of the whole that is done, from 0 to 1.
   * @param note what is being done.
   */
  update(share: number, note?: string): void;
  /** Takes the bar away; also after an error. */
  end(): void;
}

/** What a bar is drawn on. */
export type ProgressStream = NodeJS.WritableStream & { readonly isTTY?: boolean };

const SILENT: Progress = { update: () => undefined, end: () => undefined };
/** Redraws in a second: what works hard lets no timer fire, so that the bar moves with the updates. */
const FRAMES = 10;

/** A bar on a terminal, nothing in a pipe or in continuous integration. */
export function progress(
  stream: ProgressStream,
  { label }: { readonly label: string },
  env: Readonly<Record<string, string | undefined>> = process.env,
): Progress {
  if (stream.isTTY !== true || env.CI !== undefined || env.TERM === "dumb") return SILENT;
  const bar = new SingleBar({
    stream,
    format: `${label} {bar} {percentage} % {note}`,
    barCompleteChar: "█",
    barIncompleteChar: "░",
    barsize: 30,
    clearOnComplete: true,
    fps: FRAMES,
    synchronousUpdate: true,
  });
  bar.start(100, 0, { note: "" });
  return {
    update: (share, note = "") => bar.update(Math.round(Math.min(1, Math.max(0, share)) * 100), { note }),
    end: () => bar.stop(),
  };
}
