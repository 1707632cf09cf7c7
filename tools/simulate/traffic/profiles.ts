import type { Traffic } from "./arrival";
import { AZURE_CODE_2023, AZURE_CONVERSATION_2023 } from "./azure2023";
import type { Description } from "./describe";
import { generatedTraffic } from "./generated";
import type { LengthTables } from "./lengths";
import { fluctuating, type RateShape } from "./rates";
import { bursts, diurnal, ramp, steady, steps } from "./shapes";

const CONVERSATION_LENGTHS: LengthTables = AZURE_CONVERSATION_2023;

/** Output of code completion does not depend on its input: a rank correlation of −0.02. */
const CODE_LENGTHS: LengthTables = { input: AZURE_CODE_2023.input, outputByInput: [AZURE_CODE_2023.output] };

// Variances and memories are fitted: with them, the dispersion of the counts over 1, 10 and 60 s of an hour, averaged
// over seeds, is that of the trace, and so is how alike neighbouring minutes are.
const conversation = fluctuating({
  swings: [
    { variance: 0.065, memorySeconds: 600 },
    { variance: 0.008, memorySeconds: 15 },
    { variance: 0.013, memorySeconds: 0 },
  ],
});

const code = fluctuating({
  swings: [
    { variance: 0.27, memorySeconds: 10 },
    { variance: 0.17, memorySeconds: 2 },
  ],
  silence: AZURE_CODE_2023,
});

const HOUR = 3600;

/** Requests per second, as recorded. */
function recordedRate({ requests, durationSeconds }: Description): number {
  return Number((requests / durationSeconds).toFixed(2));
}

/** Traffic that needs no file. */
export interface Profile {
  /** What it is, in a line. */
  readonly description: string;
  /** Requests per second unless set. */
  readonly rate: number;
  /** Length unless set, seconds. */
  readonly durationSeconds: number;
  readonly shape: RateShape;
  /** Whether the rate is the mean of the run, or what a 1 of the shape stands for. */
  readonly rateIs: "mean" | "unit";
  readonly lengths: LengthTables;
}

function shaped(description: string, shape: RateShape): Profile {
  return {
    description: `${description}; lengths of conversation`,
    rate: recordedRate(AZURE_CONVERSATION_2023),
    durationSeconds: HOUR,
    shape,
    rateIs: "mean",
    lengths: CONVERSATION_LENGTHS,
  };
}

export const PROFILES = {
  conversation: {
    description: "chats: rate and lengths of Azure's conversation trace of 2023",
    rate: recordedRate(AZURE_CONVERSATION_2023),
    durationSeconds: HOUR,
    shape: conversation,
    rateIs: "mean",
    lengths: CONVERSATION_LENGTHS,
  },
  code: {
    description: "code completion: bursts and lengths of Azure's code trace of 2023",
    rate: recordedRate(AZURE_CODE_2023),
    durationSeconds: HOUR,
    shape: code,
    rateIs: "mean",
    lengths: CODE_LENGTHS,
  },
  diurnal: {
    ...shaped("a day from 0.2 × the rate at night to 4 × at noon and back", diurnal),
    durationSeconds: 24 * HOUR,
    rateIs: "unit",
  },
  steady: shaped("the same rate throughout", steady),
  steps: shaped("five equal steps: 0.5, 1, 2, 1 and 0.5 × the rate", steps),
  ramp: shaped("a straight rise from 0.2 to 1.8 × the rate", ramp),
  bursts: shaped("one minute in ten at 5.5 × the rate, the others at 0.5 ×", bursts),
} satisfies Record<string, Profile>;

export type ProfileName = keyof typeof PROFILES;

export const PROFILE_NAMES = Object.keys(PROFILES) as readonly ProfileName[];

export function isProfileName(name: string): name is ProfileName {
  return Object.hasOwn(PROFILES, name);
}

/** The traffic of a profile, at another rate or length if one is given. */
export function profileTraffic(name: ProfileName, options: { rate?: number; durationSeconds?: number } = {}): Traffic {
  const profile: Profile = PROFILES[name];
  const rate = options.rate ?? profile.rate;
  return generatedTraffic({
    name,
    durationSeconds: options.durationSeconds ?? profile.durationSeconds,
    shape: profile.shape,
    rate: profile.rateIs === "mean" ? { mean: rate } : { unit: rate },
    lengths: profile.lengths,
  });
}
