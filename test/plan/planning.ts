import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runPlan } from "../../tools/plan/cli";

/** Not the repository's own stack files: their owner sets keys in them. */
export const PROJECT = join(__dirname, "../fixtures/project");

/** A folder for what plans write. */
export class Planning {
  readonly directory = mkdtempSync(join(tmpdir(), "plan-"));

  /** The command in this process. */
  readonly plan = async (...args: readonly string[]) => {
    const out: string[] = [];
    const error: string[] = [];
    const status = await runPlan([...(args.includes("--out") ? [] : ["--out", this.directory]), ...args], {
      directory: PROJECT,
      out: (text) => out.push(text),
      error: (text) => error.push(text),
      color: false,
    });
    return { status, stdout: out.join("\n"), stderr: error.join("\n") };
  };

  remove(): void {
    rmSync(this.directory, { recursive: true });
  }
}
