import type { RateShape } from "./rates";
import { STEP_SECONDS } from "./rates";

/** A rate that depends on time alone; requests come as a Poisson process at that rate. */
function timed(rate: (seconds: number, durationSeconds: number) => number): RateShape {
  return (steps) =>
    Float64Array.from({ length: steps }, (_, step) => rate((step + 0.5) * STEP_SECONDS, steps * STEP_SECONDS));
}

/** The same rate throughout. */
export const steady = timed(() => 1);

const STEPS = [0.5, 1, 2, 1, 0.5];

/** Five equal steps, up and down again: 0.5, 1, 2, 1 and 0.5 × the mean. */
export const steps = timed((seconds, duration) => STEPS[Math.floor((seconds / duration) * STEPS.length)] ?? 1);

/** A straight rise from 0.2 to 1.8 × the mean. */
export const ramp = timed((seconds, duration) => 0.2 + (1.6 * seconds) / duration);

const BURST_EVERY_SECONDS = 600;

/**
 * A minute of 5.5 × the mean in the middle of every ten, 0.5 × between. A run that is no multiple of ten minutes
 * stretches both alike, so that it holds whole bursts.
 */
export const bursts = timed((seconds, duration) => {
  const count = Math.max(1, Math.round(duration / BURST_EVERY_SECONDS));
  const phase = ((seconds / duration) * count) % 1;
  return phase >= 0.5 && phase < 0.6 ? 5.5 : 0.5;
});

const DAY_SECONDS = 86_400;

/** Lowest and highest rate of a day, in base rates. */
export const DIURNAL_RANGE = { low: 0.2, high: 4 } as const;

/** Mean rate of a whole day, in base rates. */
export const DIURNAL_MEAN = (DIURNAL_RANGE.low + DIURNAL_RANGE.high) / 2;

/**
 * A day: one period of a cosine from 0.2 × the base rate at its start (night) to 4 × at noon and back; 2.1 × on average.
 * A day stays 24 h long, whatever the run: its slopes are what an autoscaler has to follow.
 */
export const diurnal = timed((seconds) => {
  const swing = (DIURNAL_RANGE.high - DIURNAL_RANGE.low) / 2;
  return DIURNAL_MEAN - swing * Math.cos((2 * Math.PI * seconds) / DAY_SECONDS);
});
