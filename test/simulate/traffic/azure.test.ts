import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { AZURE_CODE_2023, AZURE_CONVERSATION_2023 } from "../../../tools/simulate/traffic/azure2023";
import { type Description, describeTraffic } from "../../../tools/simulate/traffic/describe";
import { recordedTraffic } from "../../../tools/simulate/traffic/recorded";
import { readTrace } from "../../../tools/simulate/traffic/trace";

const FOLDER = resolve(__dirname, "../../../../shared/data/traces");

/** Every number of the one rounded as far as its counterpart in the other. */
function roundedAs(actual: unknown, model: unknown): unknown {
  if (typeof actual === "number") {
    const decimals = String(model).split(".")[1]?.length ?? 0;
    // Of large figures three digits are recorded.
    return decimals === 0 ? Math.round(actual) : Number(actual.toFixed(decimals));
  }
  if (Array.isArray(actual)) return actual.map((value, index) => roundedAs(value, (model as unknown[])[index]));
  return Object.fromEntries(
    Object.entries(actual as object).map(([key, value]) => [key, roundedAs(value, (model as never)[key])]),
  );
}

for (const [name, recorded] of [
  ["conv", AZURE_CONVERSATION_2023],
  ["code", AZURE_CODE_2023],
] as const) {
  describe(`The figures of Azure's ${name} trace of 2023`, () => {
    const path = resolve(FOLDER, `azure-llm-2023-${name}.csv`);
    let described: Description | undefined;

    before(async function () {
      // The trace is not part of the repository.
      if (!existsSync(path)) return this.skip();
      const traffic = recordedTraffic(await readTrace(path));
      described = describeTraffic(traffic.arrivals(0), traffic.durationSeconds);
    });

    it("are those that the profile is made of", () => {
      assert.deepEqual(roundedAs(described, recorded), recorded);
    });
  });
}
