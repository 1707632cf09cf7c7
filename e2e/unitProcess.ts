import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { type Holdings, killGroup, release } from "./rig/holdings";
import type { Remark, Reply, Request, Result } from "./unit";
import type { Assignment, Search, SuiteName, Unit } from "./units";

/** The process has ended before it answered. */
export class Broken extends Error {
  constructor(
    message: string,
    /** What it printed last. */
    readonly output: string,
  ) {
    super(message);
  }
}

/** A program of Pulumi's makes promises by the thousand, which are dead soon: room for them saves collections. */
const YOUNG_SPACE = "--max-semi-space-size=64";

/**
 * A process that runs units, one after another: what a suite imports takes seconds to load, and code runs faster once
 * it is warm.
 */
export class UnitProcess {
  // A group of its own: Ctrl-C reaches the command alone, which tells each process once.
  private readonly child = fork(join(__dirname, "unit.ts"), {
    silent: true,
    detached: true,
    execArgv: [...process.execArgv, YOUNG_SPACE],
  });
  private readonly ended: Promise<undefined>;
  private output: string[] = [];
  private holdings: Holdings = { programs: [], folders: [] };
  private answered: ((reply: Reply) => void) | undefined;

  /** @param suite that it begins with. */
  constructor(readonly suite: SuiteName) {
    const { child } = this;
    // What it prints goes through the channel; this is what Node says when it breaks.
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => this.output.push(String(chunk)));
    child.on("message", (message: Remark | Reply) => {
      if ("output" in message) this.output.push(message.output);
      else if ("holdings" in message) this.holdings = message.holdings;
      else this.answered?.(message);
    });
    this.ended = new Promise((resolve) => child.once("close", () => resolve(undefined)));
  }

  async find(search: Search): Promise<readonly Unit[]> {
    const reply = await this.ask({ find: search });
    return "units" in reply ? reply.units : [];
  }

  /** @returns how the scenarios ended, and everything that was printed meanwhile. */
  async run(assignment: Assignment): Promise<Result & { readonly output: string }> {
    const reply = await this.ask({ run: assignment });
    const result = "result" in reply ? reply.result : { passes: 0, failures: 1, leading: 0 };
    return { ...result, output: this.printed() };
  }

  /** Tells it that nothing more comes, and waits until it has gone. */
  async end(): Promise<void> {
    if (!this.child.connected) return;
    // Node does not tell of the end of its streams any more after this.
    this.child.disconnect();
    if (this.child.exitCode === null) await once(this.child, "exit");
  }

  /** Has it end what it started, and go. */
  interrupt(): void {
    this.child.kill("SIGINT");
  }

  private async ask(request: Request): Promise<Reply> {
    const reply = new Promise<Reply>((resolve) => {
      this.answered = resolve;
    });
    if (this.child.connected) this.child.send(request);
    const answer = await Promise.race([reply, this.ended]);
    if (answer !== undefined) return answer;
    this.clearUp();
    throw new Broken(`its process ended with ${this.child.signalCode ?? this.child.exitCode}`, this.printed());
  }

  /** Ends what a process that was killed has left behind: its programs go on without it. */
  private clearUp(): void {
    const { pid } = this.child;
    if (pid !== undefined) killGroup(pid);
    release(this.holdings);
  }

  private printed(): string {
    const text = this.output.join("");
    this.output = [];
    return text;
  }
}
