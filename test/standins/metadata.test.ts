import assert from "node:assert/strict";
import { MetadataServer } from "../../standins/monitoring/metadata";

describe("the metadata server", () => {
  const server = new MetadataServer({
    project: "demo-proj",
    cluster: "demo-cluster",
    location: "us-central1",
    projectNumber: 42,
  });
  let host = "";
  before(async () => {
    host = await server.start();
  });
  after(() => server.stop());

  async function get(path: string, headers: Record<string, string> = { "Metadata-Flavor": "Google" }) {
    const answer = await fetch(`http://${host}${path}`, { headers });
    return { status: answer.status, text: await answer.text(), flavor: answer.headers.get("Metadata-Flavor") };
  }

  it("is found by host and port", () => assert.match(host, /^127\.0\.0\.1:\d+$/));

  for (const [path, text] of [
    ["project/project-id", "demo-proj"],
    ["project/numeric-project-id", "42"],
    ["instance/attributes/cluster-name", "demo-cluster"],
    ["instance/attributes/cluster-location", "us-central1"],
    ["instance/hostname", "gke-demo-cluster-node.us-central1-a.c.demo-proj.internal"],
    ["instance/zone", "projects/42/zones/us-central1-a"],
  ] as const) {
    it(`says ${path}`, async () => {
      assert.deepEqual(await get(`/computeMetadata/v1/${path}`), { status: 200, text, flavor: "Google" });
    });
  }

  it("gives a token to whoever names scopes or none", async () => {
    const { status, text } = await get("/computeMetadata/v1/instance/service-accounts/default/token?scopes=a%2Cb");
    assert.equal(status, 200);
    const token = JSON.parse(text);
    assert.deepEqual([typeof token.access_token, token.expires_in > 0, token.token_type], ["string", true, "Bearer"]);
  });

  it("keeps quiet without the header, but for saying what it is", async () => {
    assert.equal((await get("/computeMetadata/v1/project/project-id", {})).status, 403);
    assert.equal((await get("/computeMetadata/v1/project/project-id", { "Metadata-Flavor": "Amazon" })).status, 403);
    assert.deepEqual([(await get("/", {})).status, (await get("/", {})).flavor], [200, "Google"]);
  });

  it("knows nothing else", async () => {
    for (const path of ["/computeMetadata/v1/instance/tags", "/computeMetadata/v1/", "/v1/project/project-id"]) {
      assert.equal((await get(path)).status, 404, path);
    }
    assert.ok(server.requests.includes("instance/tags"));
  });

  it("has the zone of a zonal cluster", async () => {
    const zonal = new MetadataServer({ project: "p", cluster: "c", location: "europe-west4-b", hostname: "h" });
    const address = await zonal.start();
    const headers = { "Metadata-Flavor": "Google" };
    const ask = async (path: string) =>
      (await fetch(`http://${address}/computeMetadata/v1/${path}`, { headers })).text();
    assert.match(await ask("instance/zone"), /\/zones\/europe-west4-b$/);
    assert.equal(await ask("instance/hostname"), "h");
    await zonal.stop();
  });
});
