import assert from "node:assert/strict";
import { isKey, KEYS, keySpec } from "../../config/schema";
import { lines } from "../support/config";

describe("Every key", () => {
  // Nothing but what makes a cluster: the pool, the workload and the node account exist beside an existing cluster too.
  const CREATION_ONLY = [
    "network",
    "subnetwork",
    "podsRange",
    "servicesRange",
    "networkProject",
    "privateNodes",
  ].concat(["systemMachineType", "systemNodes", "authorizedNetworks", "releaseChannel", "deletionProtection"]);
  const keys = Object.keys(KEYS).filter(isKey);

  it("belongs to the creation of a cluster or not", () => {
    assert.deepEqual(keys.filter((key) => keySpec(key).creationOnly).sort(), CREATION_ONLY.sort());
  });

  it("is secret where it is the token, and nowhere else", () => {
    assert.deepEqual(
      keys.filter((key) => keySpec(key).secret),
      ["huggingFaceToken"],
    );
  });

  it("has an example that it reads itself, because the fix recommends it", () => {
    for (const key of keys) {
      const { parser, secret } = keySpec(key);
      if (!secret) assert.ok("value" in parser.parse(parser.example), key);
    }
  });

  it("is one of ours, not one that every object has", () => {
    assert.deepEqual(["spot", "gcp:zone", "toString", "__proto__", "constructor", "", "Spot"].filter(isKey), [
      "spot",
      "gcp:zone",
    ]);
  });

  it("that holds a secret is fixed by the command that encrypts it", () => {
    const [line = ""] = lines({ huggingFaceToken: "two words" });
    assert.ok(line.endsWith("Fix: pulumi config set --secret huggingFaceToken"), line);
    assert.ok(line.startsWith("huggingFaceToken ([secret]): must be a token"), line);
  });
});
