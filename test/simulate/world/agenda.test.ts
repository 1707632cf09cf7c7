import assert from "node:assert/strict";
import { Agenda } from "../../../tools/simulate/world/agenda";

describe("an agenda", () => {
  it("does things in the order of time, and at one time in the order in which they were added", () => {
    const agenda = new Agenda();
    const done: string[] = [];
    for (const [name, at] of Object.entries({ c: 3, a: 1, b1: 2, b2: 2, b3: 2 })) {
      agenda.add(at, (now) => done.push(`${name} ${now}`));
    }
    agenda.run(3);
    assert.deepEqual(done, ["a 1", "b1 2", "b2 2", "b3 2", "c 3"]);
  });

  it("does what is due at the moment itself, and nothing after", () => {
    const agenda = new Agenda();
    let done = 0;
    agenda.add(2, () => (done += 1));
    agenda.run(1.999);
    assert.deepEqual([done, agenda.nextAt], [0, 2]);
    agenda.run(2);
    assert.deepEqual([done, agenda.nextAt], [1, Number.POSITIVE_INFINITY]);
  });

  it("does what is added on the way if it is due", () => {
    const agenda = new Agenda();
    const done: number[] = [];
    const again = (at: number) => {
      done.push(at);
      agenda.add(at + 2, again);
    };
    agenda.add(1, again);
    agenda.run(5);
    assert.deepEqual([done, agenda.nextAt], [[1, 3, 5], 7]);
  });

  it("never does what has no time", () => {
    const agenda = new Agenda();
    agenda.add(Number.POSITIVE_INFINITY, () => assert.fail());
    agenda.run(Number.POSITIVE_INFINITY);
    assert.equal(agenda.nextAt, Number.POSITIVE_INFINITY);
  });
});
