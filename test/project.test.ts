import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { isKey } from "../config/schema";

const ROOT = join(__dirname, "..");
const project = parse(readFileSync(join(ROOT, "Pulumi.yaml"), "utf8"));

describe("Pulumi.yaml", () => {
  it("keeps a resource that forgot its provider out of whatever cluster a kubeconfig points at", () => {
    assert.deepEqual(project.config, { "pulumi:disable-default-providers": ["kubernetes"] });
  });

  it("runs the program without checking its types again", () => {
    const { tsconfig } = project.runtime.options;
    const { compilerOptions, extends: base } = JSON.parse(readFileSync(join(ROOT, tsconfig), "utf8"));
    assert.equal(base, "./tsconfig.json");
    // Pulumi reads the flag from this very file; it does not follow `extends`.
    assert.equal(compilerOptions.noCheck, true);
  });

  it("asks a new project for what it needs, the token as a secret", () => {
    const asked = project.template.config;
    assert.deepEqual(Object.keys(asked), ["gcp:project", "gcp:region", "huggingFaceToken"]);
    for (const key of Object.keys(asked)) assert.ok(isKey(key), key);
    assert.equal(asked.huggingFaceToken.secret, true);
  });
});
