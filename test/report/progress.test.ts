import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { type ProgressStream, progress, withProgress } from "../../tools/report/progress";
import { columnsOf } from "../../tools/report/terminal/paint";

function fakeStream(isTTY: boolean, columns = 80): ProgressStream & { written(): string } {
  const stream = new PassThrough();
  let text = "";
  stream.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  return Object.assign(stream, { isTTY, columns, written: () => text });
}

/** What is on the line in the end: all that follows the last time that it was cleared. */
function left(text: string): string {
  return stripVTControlCharacters(text.slice(text.lastIndexOf("\u001b[2K")));
}

const UTF8 = { LANG: "en_US.UTF-8" };
const options = { label: "Simulating", env: UTF8 };

describe("a progress bar", () => {
  it("shows how far it is on a terminal", () => {
    const stream = fakeStream(true);
    const bar = progress(stream, options);
    bar.update(0.425, "queue-size at 10");
    bar.end();
    assert.match(stream.written(), /Simulating {2}█{10}–{14} {3}42 % .*queue-size at 10/);
  });

  it("counts down what is left where that is known better than time tells it", () => {
    const stream = fakeStream(true);
    const bar = progress(stream, options);
    bar.update(0.01, "1/9", 240);
    bar.end();
    assert.match(stream.written(), / 1 % {2}4 min left {2}1\/9/);
  });

  it("is shorter where the note needs its room", () => {
    const stream = fakeStream(true);
    const bar = progress(stream, { ...options, barColumns: 10 });
    bar.update(0.5, "x".repeat(28));
    bar.end();
    assert.match(stream.written(), /Simulating {2}█{5}–{5} {3}50 % .*x{28}/);
  });

  it("is shown on a terminal that does not know its width", () => {
    const stream = fakeStream(true, 0);
    progress(stream, options).end();
    assert.match(stream.written(), /Simulating/);
  });

  for (const [name, isTTY, env] of [
    ["a pipe", false, {}],
    ["CI", true, { CI: "true" }],
    ["a terminal with NO_COLOR", true, { NO_COLOR: "1" }],
  ] as const) {
    it(`writes nothing in ${name}`, () => {
      const stream = fakeStream(isTTY);
      const bar = progress(stream, { label: "Simulating", env });
      bar.update(0.5);
      bar.end();
      assert.equal(stream.written(), "");
      assert.equal(bar.isDrawn, false);
    });
  }

  it("leaves a clean line, and may end twice", () => {
    const stream = fakeStream(true);
    const bar = progress(stream, options);
    bar.update(1);
    bar.end();
    const text = stream.written();
    assert.ok(text.includes("\u001b[2K"), "not cleared");
    assert.equal(left(text), "");
    bar.end();
    bar.update(0.1);
    assert.equal(stream.written(), text);
  });

  it("leaves a clean line after an error, and lets the error through", async () => {
    const stream = fakeStream(true);
    const work = withProgress(stream, options, (update) => {
      update(0.5);
      throw new RangeError("no such load");
    });
    await assert.rejects(work, /no such load/);
    assert.match(stream.written(), /Simulating/);
    assert.equal(left(stream.written()), "");
  });

  it("gives back what the work gives", async () => {
    assert.equal(await withProgress(fakeStream(false), options, () => Promise.resolve(7)), 7);
  });

  it("leaves no listener behind", () => {
    const before = process.listenerCount("exit");
    const bar = progress(fakeStream(true), options);
    assert.equal(process.listenerCount("exit"), before + 1);
    bar.end();
    assert.equal(process.listenerCount("exit"), before);
  });

  it("draws seldom, however often it is told", () => {
    const stream = fakeStream(true);
    const bar = progress(stream, options);
    for (let step = 0; step < 20_000; step += 1) bar.update(step / 20_000);
    bar.end();
    const draws = stream.written().split("Simulating").length - 1;
    assert.ok(draws <= 10, `${draws} draws`);
  });

  for (const columns of [20, 40, 120]) {
    it(`never takes more than a line of ${columns}, and obeys nothing that a note contains`, () => {
      const stream = fakeStream(true, columns);
      const bar = progress(stream, options);
      bar.update(0.5, `\u001b]0;evil\u0007${"漢字".repeat(40)}`);
      bar.end();
      assert.ok(!stream.written().includes("\u001b]0"));
      for (const line of stream.written().split("\u001b[1G")) {
        assert.ok(columnsOf(stripVTControlCharacters(line)) < columns, JSON.stringify(line));
      }
    });
  }

  it("is ASCII where the terminal is better served with it", () => {
    const stream = fakeStream(true);
    const bar = progress(stream, { label: "Simulating", env: { TERM: "linux" } });
    bar.update(0.5);
    bar.end();
    assert.match(stream.written(), /#{12}-{12}/);
  });
});
