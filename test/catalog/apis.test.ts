import assert from "node:assert/strict";
import { requiredApis } from "../../catalog/apis";

const ALWAYS = ["cloudresourcemanager", "compute", "container", "iam", "logging", "monitoring"];

describe("requiredApis", () => {
  it("names the six APIs that every stack needs", () => {
    assert.deepEqual(requiredApis(false), ALWAYS);
  });

  it("adds Artifact Registry and the Container File System for image streaming", () => {
    assert.deepEqual(requiredApis(true), [...ALWAYS, "artifactregistry", "containerfilesystem"]);
  });
});
