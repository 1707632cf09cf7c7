import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { METRIC_STRATEGIES } from "../../autoscaling/metricStrategy";
import { ACCELERATOR_NAMES } from "../../catalog/accelerators";
import { CHAT_MODELS, judgeReplica } from "../../tools/defaults/judge";
import { defaultsTable, withDefaultsTable } from "../../tools/defaults/table";
import { targetOf } from "../../tools/simulate/compare";
import { accepted } from "../support/config";

const DOCUMENT = readFileSync(join(__dirname, "../../docs/simulator.md"), "utf8");

describe("the table of defaults in docs/simulator.md", () => {
  const [, table = ""] = /`npm run defaults` -->\n\n([^<]*?)\n\n<!-- end/.exec(DOCUMENT) ?? [];
  const [header = [], , ...rows] = table.split("\n").map((line) => line.slice(2, -2).split(" | "));

  it("has one model of every size on every accelerator, under every strategy", () => {
    assert.deepEqual(
      header.slice(4),
      METRIC_STRATEGIES.map((strategy) => `\`${strategy}\``),
    );
    assert.deepEqual(
      rows.map(([modelId, replica]) => [modelId, replica?.split(" × ")[1]]),
      CHAT_MODELS.flatMap((modelId) => ACCELERATOR_NAMES.map((accelerator) => [modelId, accelerator])),
    );
  });

  it("shows the targets that stacks have by default", () => {
    let judged = 0;
    for (const [modelId, replica = "", , tuned = "", ...cells] of rows) {
      const { config } = accepted({ modelId, accelerator: replica.split(" × ")[1] });
      assert.equal(replica.split(" × ")[0], String(config.server.gpus));
      if (tuned.trim() === "") continue;
      judged += 1;
      const targets = METRIC_STRATEGIES.map((strategy) => String(targetOf(config, strategy)));
      assert.deepEqual(
        cells.map((cell) => cell.split(":")[0]),
        targets,
        `${modelId} on ${replica}: npm run defaults makes it anew`,
      );
    }
    assert.ok(judged > 12, String(judged));
  });
});

describe("a table of defaults", () => {
  const replica = { modelId: "google/gemma-2-2b-it", accelerator: "nvidia-l4", gpus: 1 } as const;

  it("has what is tuned against the clairvoyant, and each default against that", () => {
    const setting = { strategy: "batch-size", target: 12, behavior: {} } as const;
    const tuned = { setting, attained: 0.9949, ratio: undefined };
    const defaults = [
      { strategy: "queue-size", target: 0.5, attained: 0.95, ratio: 2.345 },
      { strategy: "dcgm-gpu-util", target: 90, attained: 1, ratio: 2 },
    ] as const;
    assert.deepEqual(defaultsTable([{ ...replica, judged: { rate: 4.1, tuned, defaults } }]).split("\n"), [
      "| model | a replica | requests/s | tuned | `queue-size` | `batch-size` | `gke-duty-cycle` | `dcgm-gpu-util` |",
      "| --- | --- | --- | --- | --- | --- | --- | --- |",
      "| google/gemma-2-2b-it | 1 × nvidia-l4 | 4.1 | batch-size at 12 with a behavior: 99.4 %, – | 0.5: 95.0 %, 2.35 | – | – | 90: 100.0 %, 2.00 |",
    ]);
  });

  it("says so where no load meets the SLO", () => {
    const judged = judgeReplica("google/gemma-2-27b-it", "nvidia-l4");
    assert.deepEqual(judged, {
      modelId: "google/gemma-2-27b-it",
      accelerator: "nvidia-l4",
      gpus: 4,
      judged: undefined,
    });
    assert.match(defaultsTable([judged]), /4 × nvidia-l4 \| no load meets the SLO \| {2}\|/);
  });

  it("takes the place of the one before, and nothing else's", () => {
    const changed = withDefaultsTable(DOCUMENT, [{ ...replica, judged: undefined }]);
    const around = (text: string) => [text.split("<!-- table of")[0], text.split("end of table of")[1]];
    assert.deepEqual(around(changed), around(DOCUMENT));
    assert.ok(changed.length < DOCUMENT.length);
    assert.equal(withDefaultsTable(changed, [{ ...replica, judged: undefined }]), changed);
    assert.throws(() => withDefaultsTable("# nothing", []), /marks of the table of defaults are missing/);
  });
});
