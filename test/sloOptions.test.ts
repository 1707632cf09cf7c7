import assert from "node:assert/strict";
import type { Command } from "commander";
import type { Output } from "../tools/arguments";
import { calibrateCommand } from "../tools/calibrate/options";
import { simulateCommand } from "../tools/simulate/options";

const COMMANDS: readonly (readonly [string, (say: Output) => Command])[] = [
  ["simulate", simulateCommand],
  ["calibrate", calibrateCommand],
];

describe("the options of the SLO", () => {
  for (const [name, commandWith] of COMMANDS) {
    const parsed = (...args: readonly string[]) => {
      const said: string[] = [];
      const command = commandWith({ out: (text) => said.push(text), error: (text) => said.push(text) });
      const attempt = () => command.parse([...args], { from: "user" }).opts<{ sloTtft: number; sloTpot: number }>();
      return { attempt, said };
    };

    it(`take a number and its unit in ${name}`, () => {
      for (const [text, seconds] of [
        ["2s", 2],
        ["100ms", 0.1],
        ["0.1s", 0.1],
        ["1m", 60],
      ] as const) {
        const { sloTtft, sloTpot } = parsed("--slo-ttft", text, "--slo-tpot", text).attempt();
        assert.deepEqual([sloTtft, sloTpot], [seconds, seconds], text);
      }
    });

    it(`are no bare numbers in ${name}`, () => {
      for (const option of ["--slo-ttft", "--slo-tpot"]) {
        const { attempt, said } = parsed(option, "2");
        assert.throws(attempt);
        assert.match(said.join(" ").replace(/\s+/g, " "), /"2" has no unit: a duration is a number and its unit/);
      }
    });

    it(`have defaults with their units in the help of ${name}`, () => {
      const { attempt, said } = parsed("--help");
      assert.throws(attempt);
      const help = said.join("\n").replace(/\s+/g, " ");
      assert.match(help, /time to first token, such as 100ms, 2s, 1m \(default: 2s\)/);
      assert.match(help, /per token after it, such as 100ms, 2s, 1m \(default: 100ms\)/);
    });
  }
});
