import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { loadStack } from "../../tools/plan/load";
import { planStack } from "../../tools/plan/plan";
import { assertWell } from "./changes";
import { runCli, runCliWithProgram } from "./cli";
import { Project, TOKEN } from "./project";
import type { EngineStack } from "./stack";

/** What must not be read anywhere: the token as it is, encoded and hashed, and the kubeconfig by a word of it. */
const SECRETS = {
  token: TOKEN,
  "token in base64": Buffer.from(TOKEN).toString("base64"),
  "the token's hash": createHash("sha256").update(TOKEN).digest("hex"),
  kubeconfig: "gke-gcloud-auth-plugin",
} as const;

describe("secrets on the real engine", () => {
  let project: Project;
  let stack: EngineStack;
  /** Everything that was printed, by what printed it. */
  const printed = new Map<string, string>();
  before(async () => {
    project = await Project.create();
    stack = await project.stack("dev");
    const json = await runCliWithProgram(project, ["preview", "--json", "--stack", "dev"]);
    assert.equal(json.status, 0, json.stderr);
    printed.set("preview --json", json.stdout + json.stderr);
    const up = await stack.up();
    assertWell(up);
    printed.set("up", up.output);
    stack.edit({ metricStrategy: "batch-size" });
    const diff = await runCliWithProgram(project, ["preview", "--diff", "--stack", "dev"]);
    printed.set("preview --diff", diff.stdout + diff.stderr);
    for (const args of [
      ["stack", "output", "--json"],
      ["stack", "export"],
      ["stack", "--show-urns"],
      ["config", "--json"],
    ]) {
      const { status, stdout, stderr } = await runCli(project, [...args, "--stack", "dev"]);
      assert.equal(status, 0, stderr);
      printed.set(args.join(" "), stdout + stderr);
    }
  });
  after(() => project.remove());

  it("are in none of the files that stay: state, history, backups, stack file", () => {
    const folders = [project.stateFolder, join(project.folder, "home")];
    const files = [stack.file, ...folders.flatMap(filesBelow)];
    assert.ok(
      files.some((file) => file.endsWith("dev.json")),
      files.join("\n"),
    );
    for (const file of files) assertSilent(file, readFileSync(file, "utf8"));
  });

  it("are in nothing that is printed", () => {
    assert.equal(printed.size, 7);
    for (const [what, text] of printed) {
      assert.ok(text.length > 0, `${what} says something`);
      assertSilent(what, text);
    }
  });

  it("reach the cluster all the same", () => {
    const secret = project.cloud.all().find(({ type }) => type === "kubernetes:core/v1:Secret");
    assert.deepEqual(secret?.inputs.stringData, { hf_api_token: TOKEN });
    const shown = printed.get("stack output --json") ?? "";
    assert.equal(JSON.parse(shown).kubeconfig, "[secret]");
  });

  it("are not in the manifests that the plan writes, even from a stack file in plain text", async () => {
    const overrides = [{ key: "huggingFaceToken", value: TOKEN }];
    const { manifests } = await planStack(loadStack({ directory: project.directory, stack: "dev", overrides }));
    assert.ok(manifests.length > 0);
    assertSilent("the manifests", JSON.stringify(manifests));
  });
});

function assertSilent(where: string, text: string): void {
  for (const [what, secret] of Object.entries(SECRETS)) {
    assert.ok(!text.includes(secret), `${where} holds the ${what}`);
  }
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
