import { wrap } from "../plan/text";
import { Unusable } from "../usable";
import { SYSTEM_CLOCK } from "./load/clock";
import { connect } from "./load/connect";
import type { HttpServer } from "./load/httpServer";
import { type CalibrateOptions, waitsOf } from "./options";
import { type StandInProcess, startStandIn } from "./standInProcess";

/** A server that is ready to be put under load. */
export interface Reached {
  readonly server: HttpServer;
  /** Seconds, monotonic: the clock of all that is measured. */
  readonly now: () => number;
  /** Lets go of it; a stand-in that was started for this ends. */
  end(): Promise<void>;
}

export interface ReachSurroundings {
  readonly error: (text: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/**
 * Gets to the server at `--url`; without one, starts the stand-in, and says so.
 *
 * @throws ServerFault, StandInError, Unusable; the signal's reason, when it is aborted.
 */
export async function reach(options: CalibrateOptions, surroundings: ReachSurroundings): Promise<Reached> {
  const { api, bearerEnv } = options;
  const { error, signal } = surroundings;
  const waiting = (text: string) => error(wrap(text, "  ", ""));
  const bearer = bearerEnv === undefined ? undefined : bearerIn(bearerEnv, surroundings.env);
  const standIn = options.url === undefined ? await announced(options, surroundings) : undefined;
  try {
    const url = standIn?.url ?? options.url ?? "";
    const server = await connect({ url, api, bearer, ...waitsOf(options), waiting, signal });
    return {
      server,
      now: SYSTEM_CLOCK.now,
      end: async () => {
        await server.close();
        await standIn?.end();
      },
    };
  } catch (error) {
    await standIn?.end();
    throw error;
  }
}

async function announced({ stack, set }: CalibrateOptions, { error }: ReachSurroundings): Promise<StandInProcess> {
  const standIn = await startStandIn(stack, set);
  error(
    wrap(
      `No --url: measuring the stand-in, which plays the server of stack ${stack} at ${standIn.url}, without a GPU. Its step times are simulated.`,
      "  ",
      "",
    ),
  );
  return standIn;
}

function bearerIn(name: string, env: ReachSurroundings["env"]): string {
  const token = env[name];
  if (token === undefined || token === "") {
    throw new Unusable(`--bearer-env ${name}: there is no such environment variable, or it is empty.`);
  }
  return token;
}
