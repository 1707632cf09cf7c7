import assert from "node:assert/strict";
import { TrafficError } from "../../../tools/simulate/traffic/arrival";
import { PROFILE_NAMES } from "../../../tools/simulate/traffic/profiles";
import { resolveTraffic, type TrafficRequest } from "../../../tools/simulate/traffic/resolve";
import { withFile } from "./support";

async function refusal(request: TrafficRequest): Promise<TrafficError> {
  const error: unknown = await resolveTraffic(request).then(
    () => assert.fail("it was resolved"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof TrafficError, String(error));
  return error;
}

const CHOICES = "Choose conversation, code, diurnal, steady, steps, ramp, bursts, or a CSV file";

describe("The traffic of a command line", () => {
  for (const traffic of PROFILE_NAMES) {
    it(`is the profile ${traffic}, by itself and at another rate and length`, async () => {
      const usual = await resolveTraffic({ traffic });
      assert.deepEqual([usual.name, usual.durationSeconds], [traffic, traffic === "diurnal" ? 86_400 : 3600]);
      const other = await resolveTraffic({ traffic, rate: usual.meanRate * 2, durationSeconds: 120 });
      assert.equal(other.durationSeconds, 120);
      if (traffic !== "diurnal") assert.equal(other.meanRate, usual.meanRate * 2);
    });
  }

  it("has the rates of the traces of 2023", async () => {
    assert.equal((await resolveTraffic({ traffic: "conversation" })).meanRate, 5.53);
    assert.equal((await resolveTraffic({ traffic: "code" })).meanRate, 2.57);
  });

  it("is a trace, scaled", async () => {
    await withFile("timestamp,input_tokens,output_tokens\n0,1,2\n3,3,4\n", async (traffic) => {
      const usual = await resolveTraffic({ traffic });
      assert.deepEqual([usual.name, usual.durationSeconds, usual.meanRate], [traffic, 6, 1 / 3]);
      const other = await resolveTraffic({ traffic, rate: 5, durationSeconds: 3, speed: 2 });
      assert.deepEqual([other.durationSeconds, other.meanRate], [3, 5]);
    });
  });

  it("is not an unknown name: the nearest is offered, and all of them", async () => {
    const { message, choices } = await refusal({ traffic: "Conversatoin" });
    assert.equal(message, `"Conversatoin" is neither a profile nor a file. Did you mean conversation? ${CHOICES}`);
    assert.deepEqual(choices, PROFILE_NAMES);
    assert.match((await refusal({ traffic: "STEPS" })).message, /Did you mean steps\?/);
    assert.equal(
      (await refusal({ traffic: "xyzzyxyz" })).message,
      `"xyzzyxyz" is neither a profile nor a file. ${CHOICES}`,
    );
    assert.equal((await refusal({ traffic: "" })).message, `"" is neither a profile nor a file. ${CHOICES}`);
    assert.equal(
      (await refusal({ traffic: "toString" })).message,
      `"toString" is neither a profile nor a file. ${CHOICES}`,
    );
  });

  it("is not a file that does not exist, or a directory", async () => {
    assert.equal((await refusal({ traffic: "no/such.csv" })).message, "no/such.csv: there is no such file");
    assert.equal((await refusal({ traffic: "nosuch.csv" })).message, "nosuch.csv: there is no such file");
    assert.equal(
      (await refusal({ traffic: __dirname })).message,
      `${__dirname}: is a directory; a trace is a CSV file`,
    );
  });

  for (const [request, message] of [
    [{ rate: 0 }, "rate 0: must be above 0 and at most 10000 requests/s"],
    [{ rate: -1 }, "rate -1: must be above 0 and at most 10000 requests/s"],
    [{ rate: Number.NaN }, "rate NaN: must be above 0 and at most 10000 requests/s"],
    [{ rate: 10_001 }, "rate 10001: must be above 0 and at most 10000 requests/s"],
    [{ durationSeconds: 0 }, "duration in seconds 0: must be above 0 and at most 31d"],
    [{ durationSeconds: 2_678_401 }, "duration in seconds 2678401: must be above 0 and at most 31d"],
    [{ speed: 0 }, "speed 0: must be above 0 and at most 1000 times as fast"],
    [{ speed: 2 }, "speed: only a trace has one, and code is a profile"],
  ] as const) {
    it(`does not take ${JSON.stringify(request)}`, async () => {
      assert.equal((await refusal({ traffic: "code", ...request })).message, message);
    });
  }
});
