import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Manifest, manifestsOf, manifestYaml } from "../tools/plan/manifests";
import { validateKubernetesObject } from "./support/kubernetesSchema";
import { captureStack, type Settings } from "./support/stack";

/** The stacks whose manifests are kept: one for each strategy, and for our own DCGM exporter. */
const STACKS: Readonly<Record<string, Settings>> = {
  "queue-size": { metricStrategy: "queue-size" },
  "batch-size": { metricStrategy: "batch-size" },
  "gke-duty-cycle": { metricStrategy: "gke-duty-cycle" },
  "dcgm-gpu-util": { metricStrategy: "dcgm-gpu-util" },
  "dcgm-self-managed": { metricStrategy: "dcgm-gpu-util", dcgmExporter: "self-managed" },
};

const GOLDEN = join(__dirname, "golden");

/** `npm run golden` writes what the program makes now; read the difference before you commit it. */
const UPDATE = process.env.UPDATE_GOLDEN !== undefined;

describe("the manifests", () => {
  for (const [name, settings] of Object.entries(STACKS)) {
    describe(`of ${name}`, () => {
      let manifests: readonly Manifest[];
      before(async () => {
        manifests = manifestsOf(await captureStack(settings, { mode: "preview" }));
      });

      it("are the golden ones", () => {
        const directory = join(GOLDEN, name);
        if (UPDATE) {
          rmSync(directory, { recursive: true, force: true });
          mkdirSync(directory, { recursive: true });
          for (const manifest of manifests) writeFileSync(join(directory, manifest.file), manifestYaml(manifest));
        }
        assert.ok(existsSync(directory), `${directory} is missing: npm run golden`);
        assert.deepEqual(
          readdirSync(directory).sort(),
          manifests.map((manifest) => manifest.file),
        );
        for (const manifest of manifests) {
          assert.equal(manifestYaml(manifest), readFileSync(join(directory, manifest.file), "utf8"), manifest.file);
        }
      });

      it("are valid, each object once, and a namespace comes before what lives in it", () => {
        const seen = new Set<string>();
        const namespaces = new Set(["default", "kube-system", "gmp-public"]);
        for (const { file, object } of manifests) {
          assert.deepEqual(validateKubernetesObject(object), [], file);
          const { kind, metadata } = object as { kind: string; metadata: { name: string; namespace?: string } };
          const identity = `${kind} ${metadata.namespace ?? ""}/${metadata.name}`;
          assert.ok(!seen.has(identity), `${identity} is there twice`);
          seen.add(identity);
          if (metadata.namespace !== undefined)
            assert.ok(namespaces.has(metadata.namespace), `${file} comes too early`);
          if (kind === "Namespace") namespaces.add(metadata.name);
        }
      });
    });
  }
});
