import { type ProgressStream, progress } from "../report/progress";
import { PROGRESS_BAR_COLUMNS, progressNote } from "../report/terminal/calibration";
import type { CampaignState } from "./campaign";

/**
 * Says how far it is: with a bar on a terminal, else with a line for every load.
 *
 * @param around `error` must lead elsewhere than the answer, which a program may read.
 */
export function watch({
  terminal,
  error,
  env,
}: {
  readonly terminal: ProgressStream;
  readonly error: (text: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
}) {
  const bar = progress(terminal, { label: "measuring", env, barColumns: PROGRESS_BAR_COLUMNS });
  let highest = 0;
  const heard = ({ next, stage, stages, secondsDone, secondsLeft, ttftP95, finished }: CampaignState) => {
    // The plan grows and shrinks with what is found: a bar that goes back would be read as a fault.
    highest = Math.max(highest, secondsDone / (secondsDone + secondsLeft));
    const note = progressNote({ stage, of: stages, load: next.stage.load, ttftP95 });
    bar.update(highest, note, secondsLeft);
    if (finished !== undefined && !bar.isDrawn) error(note);
  };
  return { heard, end: bar.end };
}
