import assert from "node:assert/strict";
import { Prompts } from "../../../tools/calibrate/load/prompts";

const words = (text: string) => text.trim().split(/\s+/);

describe("prompts", () => {
  const prompts = new Prompts(3);
  const task = words(prompts.prompt(1)).length - 1;

  it("have as many words as asked for, before a task that is always the same", () => {
    for (const count of [1, 2, 11, 12, 13, 500, 16_384, 40_000]) {
      assert.equal(words(prompts.prompt(count)).length, count + task);
    }
    const ends = [prompts.prompt(5), prompts.prompt(50)].map((text) => text.slice(text.indexOf("\n")));
    assert.equal(ends[0], ends[1]);
  });

  it("are of words of one length, so that none makes a text longer than others", () => {
    const text = prompts.prompt(3000);
    assert.ok(words(text.slice(0, text.indexOf("\n"))).every((word) => word.length === 5));
  });

  it("differ from the first words on, so that nothing kept of earlier prompts helps", () => {
    const begins = Array.from({ length: 2000 }, () => words(prompts.prompt(200)).slice(0, 4).join(" "));
    assert.ok(new Set(begins).size > 1990);
    assert.ok(new Set(begins.map((begin) => begin.split(" ")[0])).size > 50);
  });

  it("differ in what follows, too", () => {
    const rests = Array.from({ length: 100 }, () => prompts.prompt(200).slice(100, 400));
    assert.ok(new Set(rests).size > 95);
  });

  it("are the same for the same seed, and others for another", () => {
    const [first, again, other] = [new Prompts(8), new Prompts(8), new Prompts(9)].map((it) => it.prompt(100));
    assert.equal(first, again);
    assert.notEqual(first, other);
  });
});
