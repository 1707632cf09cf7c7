import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runPlan } from "../../tools/plan/cli";
import { assertWell } from "./changes";
import { type CliResult, runCli, runCliWithProgram } from "./cli";
import { Project, TOKEN } from "./project";
import type { EngineStack } from "./stack";

type Secrets = Readonly<Record<string, string>>;

const READABLE: Secrets = { token: TOKEN, "token in base64": Buffer.from(TOKEN).toString("base64") };
/** A word of the kubeconfig. */
const KUBECONFIG = "gke-gcloud-auth-plugin";
/** What must not be read anywhere. */
const SECRETS: Secrets = {
  ...READABLE,
  "hash of the token": createHash("sha256").update(TOKEN).digest("hex"),
  kubeconfig: KUBECONFIG,
};
/** As much of the engine's log as can be shown: from 9 on it has what is sent and received, the token with it. */
const VERBOSE = ["--logtostderr", "-v=8"];

describe("secrets on the real engine", () => {
  let project: Project;
  let stack: EngineStack;
  /** Everything that was printed, by what printed it. */
  const printed = new Map<string, string>();
  /** The engine's own log of a preview. */
  let log: string;
  before(async () => {
    project = await Project.create();
    stack = await project.stack("dev");
    const ended = ({ status, stdout, stderr }: CliResult) => {
      assert.equal(status, 0, stdout.slice(-1000) + stderr.slice(-1000));
      return { stdout, stderr };
    };
    const json = ended(await runCliWithProgram(project, ["preview", "--json", "--stack", "dev"]));
    printed.set("preview --json", json.stdout + json.stderr);
    const up = await stack.up();
    assertWell(up);
    printed.set("up", up.output);
    stack.edit({ metricStrategy: "batch-size" });
    const diff = ended(await runCliWithProgram(project, ["preview", "--diff", "--stack", "dev", ...VERBOSE]));
    assert.match(diff.stdout, /kubernetes:autoscaling\/v2:HorizontalPodAutoscaler: \(update\)/);
    printed.set("preview --diff", diff.stdout);
    log = diff.stderr;
    for (const args of [
      ["stack", "output", "--json"],
      ["stack", "export"],
      ["stack", "--show-urns"],
      ["config", "--json"],
    ]) {
      const { stdout, stderr } = ended(await runCli(project, [...args, "--stack", "dev"]));
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

  it("are not in the engine's log, as far as they let anybody in", () => {
    assert.match(log, /"v":8/);
    // It has each answer to the program: the kubeconfig, which holds no credential, and the hash.
    assertSilent("the log", log, READABLE);
  });

  it("are what is looked for: the state has them, for who has the passphrase", async () => {
    const { status, stdout, stderr } = await runCli(project, ["stack", "export", "--show-secrets", "--stack", "dev"]);
    assert.equal(status, 0, stderr);
    for (const [what, secret] of Object.entries({ token: TOKEN, kubeconfig: KUBECONFIG })) {
      assert.ok(stdout.includes(secret), `${what} is not in the decrypted state: another one is looked for`);
    }
  });

  it("reach the cluster all the same", () => {
    const secret = project.cloud.all().find(({ type }) => type === "kubernetes:core/v1:Secret");
    assert.deepEqual(secret?.inputs.stringData, { hf_api_token: TOKEN });
    const shown = printed.get("stack output --json") ?? "";
    assert.equal(JSON.parse(shown).kubeconfig, "[secret]");
  });

  it("are in nothing that `npm start` prints or writes, even from a stack file in plain text", async () => {
    const out = join(project.folder, "out");
    const { directory } = project;
    const lines: string[] = [];
    const say = (line: string) => void lines.push(line);
    const args = ["--stack", "dev", "--out", out, "--set", `huggingFaceToken=${TOKEN}`];
    assert.equal(await runPlan(args, { directory, out: say, error: say, color: false }), 0, lines.join("\n"));
    const files = filesBelow(out).map((file) => [file, readFileSync(file, "utf8")] as const);
    assert.ok(
      files.some(([, text]) => text.includes("kind: Secret")),
      "the token's object is written, without it",
    );
    for (const [what, text] of [...files, ["the plan", lines.join("\n")] as const]) assertSilent(what, text);
  });
});

function assertSilent(where: string, text: string, secrets = SECRETS): void {
  for (const [what, secret] of Object.entries(secrets)) {
    assert.ok(!text.includes(secret), `${where} holds the ${what}`);
  }
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
