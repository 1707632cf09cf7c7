import assert from "node:assert/strict";
import { getNetworkOutput } from "@pulumi/gcp/compute/getNetwork";
import { Network } from "@pulumi/gcp/compute/network";
import * as pulumi from "@pulumi/pulumi";
import { type CaptureOptions, capture } from "../../tools/plan/capture";
import { Secret, UNKNOWN } from "../../tools/plan/values";

const options: CaptureOptions = { stack: "test", config: {}, mode: "up" };

describe("the capture harness", () => {
  it("records inputs, options, parents and dependencies of every resource", async () => {
    const graph = await capture(() => {
      const first = new Network("first", { autoCreateSubnetworks: false }, { protect: true });
      const second = new Network(
        "second",
        { description: first.name },
        {
          dependsOn: [first],
          deletedWith: first,
          ignoreChanges: ["description"],
          retainOnDelete: true,
          deleteBeforeReplace: true,
          customTimeouts: { create: "7m", update: "8m", delete: "9m" },
        },
      );
      return { id: second.id };
    }, options);
    const [stack, first, second] = graph.resources;
    assert.equal(stack?.type, "pulumi:pulumi:Stack");
    assert.deepEqual(first?.inputs, { autoCreateSubnetworks: false });
    assert.equal(first?.protect, true);
    assert.equal(first?.parent, stack?.urn);
    assert.deepEqual(second?.dependencies, [first?.urn]);
    assert.equal(second?.deletedWith, first?.urn);
    assert.deepEqual(second?.ignoreChanges, ["description"]);
    assert.equal(second?.retainOnDelete, true);
    assert.equal(second?.deleteBeforeReplace, true);
    assert.deepEqual(second?.customTimeouts, { create: "7m", update: "8m", delete: "9m" });
    assert.deepEqual(graph.outputs, { id: "second-id" });
  });

  it("keeps secrets and unknown values apart from plain ones", async () => {
    const program = () => {
      const first = new Network("first", { description: pulumi.secret("hidden") });
      new Network("second", { description: first.selfLink });
    };
    const graph = await capture(program, { ...options, mode: "preview" });
    const [, first, second] = graph.resources;
    assert.deepEqual(first?.inputs, { description: new Secret("hidden") });
    assert.deepEqual(second?.inputs, { description: UNKNOWN });
  });

  it("records the calls of provider functions and answers them", async () => {
    const call = (token: string) => ({ selfLink: `answer to ${token}` });
    const graph = await capture(() => ({ link: getNetworkOutput({ name: "theirs" }).selfLink }), {
      ...options,
      call,
    });
    assert.deepEqual(graph.invokes, [{ token: "gcp:compute/getNetwork:getNetwork", args: { name: "theirs" } }]);
    assert.deepEqual(graph.outputs, { link: "answer to gcp:compute/getNetwork:getNetwork" });
  });

  it("hands the program its config and stack", async () => {
    const program = () => ({ value: new pulumi.Config("some").require("key"), stack: pulumi.getStack() });
    const graph = await capture(program, { ...options, config: { "some:key": "value" } });
    assert.deepEqual(graph.outputs, { value: "value", stack: "test" });
  });

  for (const mode of ["preview", "up"] as const) {
    it(`fails in ${mode} when the program throws`, async () => {
      const program = () => {
        throw new Error("thrown by the program");
      };
      await assert.rejects(capture(program, { ...options, mode }), /thrown by the program/);
    });
  }

  it("fails when an apply that nobody waits for throws", async () => {
    const program = () => {
      const network = new Network("first", {});
      network.id.apply(() => {
        throw new Error("thrown in an apply");
      });
    };
    await assert.rejects(capture(program, options), /thrown in an apply/);
  });

  it("fails when an input of a resource cannot be computed", async () => {
    const program = () => {
      new Network("first", { description: pulumi.output(Promise.reject(new Error("no such input"))) });
    };
    await assert.rejects(capture(program, options), /no such input/);
  });

  it("fails when two resources have one URN", async () => {
    const program = () => {
      new Network("twin", {});
      new Network("twin", {});
    };
    await assert.rejects(capture(program, options), /two resources have the URN .*::twin/);
  });

  it("fails when a lookup fails", async () => {
    const call = () => {
      throw new Error("no such network");
    };
    const program = () => {
      new Network("first", { description: getNetworkOutput({ name: "theirs" }).selfLink });
    };
    await assert.rejects(capture(program, { ...options, call }), /error serializing property "description"/);
  });

  it("gives the test runner its own listener for rejections back", async () => {
    const before = process.listeners("unhandledRejection");
    await assert.rejects(
      capture(() => Promise.reject(new Error("late")), options),
      /late/,
    );
    assert.deepEqual(process.listeners("unhandledRejection"), before);
  });

  it("says where a program threw", async () => {
    const thrown = await capture(function failingProgram() {
      throw new Error("broken");
    }, options).catch((error: unknown) => error);
    assert.match(String((thrown as Error).stack), /at failingProgram .*capture\.test\.ts/);
  });

  it("fails for a rejection without a reason too", async () => {
    const outcome = await capture(() => void Promise.reject(), options).then(
      () => "a graph",
      () => "a failure",
    );
    assert.equal(outcome, "a failure");
  });
});
