import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { verificationDocument } from "../../../tools/docs/verificationDocument";
import { medianError, SOURCES, type Verification, verify } from "../../../tools/simulate/server/measured/verification";

describe("the server against public measurements", () => {
  let verifications: readonly Verification[] = [];

  before(() => {
    verifications = verify();
  });

  it("has a median error of at most 15 %, with and without the figures that constants were fitted to", () => {
    const free = verifications.filter((it) => !it.isFitted);
    assert.ok(free.length > 100);
    assert.ok(medianError(verifications) <= 0.15, String(medianError(verifications)));
    assert.ok(medianError(free) <= 0.15, String(medianError(free)));
  });

  it("has one for every source, and for TGI alone", () => {
    for (const source of SOURCES) {
      const own = verifications.filter((it) => it.source === source);
      assert.ok(medianError(own) <= 0.15, `${source.title}: ${medianError(own)}`);
    }
    const tgi = verifications.filter((it) => it.experiment.server.startsWith("TGI"));
    assert.ok(tgi.length >= 48 && medianError(tgi) <= 0.15, String(medianError(tgi)));
  });

  it("hides no figure", () => {
    const measured = SOURCES.flatMap((source) => source.experiments.flatMap((it) => Object.values(it.measured)));
    assert.equal(verifications.length, measured.length);
    for (const { predicted, measured: value, error } of verifications) {
      assert.ok(value > 0 && Number.isFinite(predicted));
      assert.ok(Math.abs(predicted - value * (1 + error)) < 1e-6 * predicted);
    }
  });

  it("is what docs/simulator-verification.md says: npm run docs", () => {
    const file = readFileSync(join(__dirname, "../../../docs/simulator-verification.md"), "utf8");
    assert.equal(file, verificationDocument(verifications));
  });
});
