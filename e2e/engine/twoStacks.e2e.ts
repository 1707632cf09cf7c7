import assert from "node:assert/strict";
import { assertWell, changes } from "./changes";
import { Project } from "./project";
import type { EngineStack } from "./stack";

const GRANT = /roles\/monitoring\.viewer\/principal:/;

describe("two stacks in one Google project, on the real engine", () => {
  let project: Project;
  let dev: EngineStack;
  let prod: EngineStack;
  before(async () => {
    project = await Project.create();
    dev = await project.stack("dev");
    prod = await project.stack("prod");
  });
  after(() => project.remove());

  const grants = () => project.cloud.all().filter(({ id }) => GRANT.test(id));

  it("are made side by side: no name meets another", async () => {
    for (const stack of [dev, prod]) {
      const outcome = await stack.up();
      assertWell(outcome);
    }
    assert.equal(grants().length, 1, "the adapters share the grant");
  });

  it("share the adapter's grant: one that gives its adapter up leaves it", async () => {
    dev.edit({ metricsAdapter: "existing" });
    const outcome = await dev.up();
    assertWell(outcome);
    assert.ok(changes(outcome).includes("delete adapter-monitoring-viewer"), "out of the state");
    assert.equal(grants().length, 1);
  });

  it("do not take from each other: the grant and the APIs outlive a stack", async () => {
    const outcome = await dev.destroy();
    assertWell(outcome);
    assert.equal(grants().length, 1);
    for (const after of [await prod.refresh(), await prod.preview()]) {
      assertWell(after);
      assert.deepEqual(changes(after), []);
    }
  });
});
