import { COARSE, type Description, FINE, RUNS } from "./describe";
import type { Quantiles } from "./quantiles";

/**
 * Figures of the Azure LLM inference traces of 2023, by `describeTraffic` from the files that Microsoft publishes in
 * Azure/AzurePublicDataset (data/AzureLLMInferenceTrace_conv.csv and _code.csv, commit 7909210, read in November 2026).
 *
 * Licence of the data: CC-BY 4.0. Source: Patel et al., "Splitwise: Efficient generative LLM inference using phase
 * splitting", ISCA 2024.
 */

const table =
  (probabilities: readonly number[]) =>
  (values: readonly number[]): Quantiles => ({ probabilities, values });
const fine = table(FINE);
const coarse = table(COARSE);
const runs = table(RUNS);

/** The conversation service: a steady load whose rate wanders by a fifth; prompts of chats, with their history. */
export const AZURE_CONVERSATION_2023: Description = {
  requests: 19366,
  durationSeconds: 3501.9,
  dispersion: { second: 1.39, tenSeconds: 3.86, minute: 16.1 },
  busiestMinute: 1.53,
  rankCorrelation: 0.073,
  input: fine([
    2, 17, 29, 91, 181, 207, 372, 387, 396, 403, 414, 703, 984, 1020, 1045, 1071, 1097, 1130, 1189, 1315, 1876, 2735,
    4083, 4098, 4142, 4831, 6179, 14050,
  ]),
  output: fine([
    7, 14, 16, 24, 41, 54, 67, 77, 85, 91, 96, 103, 113, 129, 151, 177, 217, 384, 395, 400, 411, 424, 451, 540, 601,
    643, 954, 1000,
  ]),
  outputByInput: [
    coarse([11, 12, 16, 67, 101, 122, 144, 161, 169, 182, 204, 217, 217, 257, 295, 347, 1000]),
    coarse([7, 14, 18, 18, 53, 62, 69, 76, 82, 92, 110, 162, 184, 217, 217, 219, 436]),
    coarse([24, 53, 72, 80, 86, 89, 92, 96, 100, 106, 114, 131, 143, 161, 171, 181, 200]),
    coarse([25, 51, 75, 81, 87, 91, 95, 99, 103, 109, 121, 140, 153, 178, 200, 328, 739]),
    coarse([10, 35, 57, 82, 104, 373, 389, 395, 401, 411, 423, 448, 514, 576, 609, 623, 921]),
    coarse([33, 64, 370, 379, 391, 396, 399, 406, 414, 420, 431, 478, 538, 621, 667, 939, 1000]),
    coarse([28, 51, 363, 377, 388, 396, 398, 407, 414, 426, 438, 500, 569, 629, 662, 924, 1000]),
    coarse([26, 42, 60, 92, 157, 207, 384, 396, 401, 412, 424, 453, 523, 598, 643, 673, 992]),
    coarse([15, 31, 44, 50, 63, 75, 85, 95, 108, 126, 149, 191, 233, 396, 421, 483, 918]),
    coarse([17, 26, 30, 35, 41, 46, 51, 58, 68, 79, 100, 132, 154, 198, 256, 366, 757]),
  ],
  busySeconds: runs([1, 3, 6, 11, 15, 33, 49, 59, 94, 294, 446, 1163]),
  silentSeconds: runs([1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 3]),
};

/** The code completion service: long prompts, short answers, in bursts of seconds with nothing between. */
export const AZURE_CODE_2023: Description = {
  requests: 8819,
  durationSeconds: 3436.3,
  dispersion: { second: 13.2, tenSeconds: 71.6, minute: 164 },
  busiestMinute: 4.1,
  rankCorrelation: -0.021,
  input: fine([
    3, 12, 17, 35, 75, 147, 232, 386, 578, 770, 939, 1075, 1261, 1469, 1690, 1909, 2164, 2433, 2745, 3192, 3920, 5188,
    7303, 7436, 7436, 7436, 7437, 7437,
  ]),
  output: fine([
    6, 6, 6, 6, 6, 7, 7, 8, 9, 9, 10, 11, 12, 13, 14, 16, 18, 20, 24, 29, 39, 55, 90, 171, 251, 359, 825, 1899,
  ]),
  outputByInput: [
    coarse([6, 6, 6, 7, 8, 10, 12, 14, 16, 19, 23, 44, 69, 105, 192, 339, 1899]),
    coarse([6, 6, 6, 7, 8, 10, 12, 14, 16, 21, 33, 63, 104, 195, 255, 327, 1276]),
    coarse([6, 6, 6, 7, 9, 10, 12, 14, 18, 23, 33, 63, 103, 182, 250, 275, 599]),
    coarse([6, 6, 6, 7, 8, 9, 11, 13, 16, 19, 28, 52, 82, 156, 226, 308, 841]),
    coarse([6, 6, 6, 7, 8, 9, 11, 13, 16, 19, 27, 48, 80, 156, 200, 256, 824]),
    coarse([6, 6, 6, 7, 8, 9, 11, 13, 16, 23, 33, 59, 88, 173, 257, 387, 822]),
    coarse([6, 6, 6, 7, 8, 9, 11, 12, 14, 18, 26, 52, 94, 157, 253, 354, 871]),
    coarse([6, 6, 6, 7, 8, 9, 11, 12, 14, 18, 26, 53, 84, 189, 284, 571, 940]),
    coarse([6, 6, 6, 7, 8, 9, 11, 13, 16, 20, 30, 64, 115, 197, 315, 475, 928]),
    coarse([6, 6, 6, 7, 9, 10, 12, 13, 16, 21, 30, 55, 87, 138, 205, 307, 697]),
  ],
  busySeconds: runs([1, 1, 2, 2, 4, 5, 6, 9, 12, 19, 25, 37]),
  silentSeconds: runs([1, 1, 1, 1, 2, 3, 7, 16, 33, 56, 94, 216]),
};
