import assert from "node:assert/strict";
import { calibrationNote, digestOf } from "../../../tools/simulate/server/digest";

describe("the digest of a calibration file", () => {
  it("is that of its bytes", () => {
    // The first test vector of SHA-256, FIPS 180-2.
    assert.equal(digestOf("abc"), "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  });

  it("is noticed where a stack's target is from another one", () => {
    const used = { file: "c.json", text: "abc" };
    assert.equal(calibrationNote(undefined, used), undefined);
    assert.equal(calibrationNote(digestOf("abc"), used), undefined);
    assert.match(
      calibrationNote("sha256:0", used) ?? "",
      /another calibration \(sha256:0\) than c\.json \(sha256:ba78/,
    );
  });

  it("can be had, where there is none", () => {
    assert.match(calibrationNote(undefined, undefined) ?? "", /^Nothing here was measured: npm run calibrate /);
  });

  it("is missed where a measured target is simulated without its calibration", () => {
    assert.match(
      calibrationNote("sha256:0", undefined) ?? "",
      /was measured \(sha256:0\).*the roofline's: give .*--calibration/,
    );
  });
});
