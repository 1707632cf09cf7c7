import assert from "node:assert/strict";
import { findMachineType, type MachineType } from "../../catalog/accelerators";
import {
  deriveGpuDiskGb,
  deriveGpuZones,
  deriveMachineType,
  deriveMaxNodes,
  deriveReplicasPerNode,
  deriveSystemZones,
  diskForServersGib,
  nodesFor,
  parseLocation,
  roomForServers,
} from "../../config/derive";

function machine(name: string): MachineType {
  return findMachineType(name) ?? assert.fail(name);
}

function assertClose(actual: number, expected: number) {
  assert.ok(Math.abs(actual - expected) < 1e-6, `${actual} is not ${expected}`);
}

/** A pod that asks for next to nothing, but for what a test says. */
const small = { gpus: 1, cpu: 0.1, memoryGib: 0.25, diskGib: 0.25 };

describe("A location", () => {
  it("is a region, or a zone of one", () => {
    assert.deepEqual(parseLocation("us-central1"), { name: "us-central1", region: "us-central1", kind: "region" });
    assert.deepEqual(parseLocation("us-east1-b"), { name: "us-east1-b", region: "us-east1", kind: "zone" });
    assert.deepEqual(parseLocation("northamerica-northeast10-a"), {
      name: "northamerica-northeast10-a",
      region: "northamerica-northeast10",
      kind: "zone",
    });
  });

  it("is a zone only if one letter follows the number, and nothing else", () => {
    for (const name of ["us-central1-ab", "us-central-a", "us-central1-1", "us-central1-a1", "1-a"]) {
      assert.equal(parseLocation(name).kind, "region", name);
    }
  });

  it("gives the GPU pool the zones that offer the machine family there", () => {
    assert.deepEqual(deriveGpuZones("g2", parseLocation("us-east1")), ["us-east1-b", "us-east1-c", "us-east1-d"]);
    assert.deepEqual(deriveGpuZones("a2-ultragpu", parseLocation("us-east5")), ["us-east5-a", "us-east5-b"]);
    assert.deepEqual(deriveGpuZones("a2-highgpu", parseLocation("us-central1-f")), ["us-central1-f"]);
  });

  it("gives no zone where the catalogue knows none", () => {
    assert.deepEqual(deriveGpuZones("g2", parseLocation("us-central1-f")), []);
    assert.deepEqual(deriveGpuZones("a2-megagpu", parseLocation("us-east1")), []);
  });
});

describe("A machine leaves for servers", () => {
  // CPU: 6 % of the first core, 1 % of the second, 0.5 % of two more, 0.25 % above; then one for GKE's pods.
  // Memory: 25 % of 4 GiB, 20 % of 4, 10 % of 8, 6 % of 112, 2 % above and 100 MiB; then 4 GiB for GKE's pods.
  const rows: readonly (readonly [name: string, cpu: number, memoryGib: number])[] = [
    ["g2-standard-4", 4 - 0.06 - 0.01 - 0.01 - 1, 16 - 1 - 0.8 - 0.8 - 100 / 1024 - 4],
    ["g2-standard-8", 8 - 0.08 - 4 * 0.0025 - 1, 32 - 2.6 - 16 * 0.06 - 100 / 1024 - 4],
    ["a2-highgpu-8g", 96 - 0.08 - 92 * 0.0025 - 1, 680 - 2.6 - 112 * 0.06 - 552 * 0.02 - 100 / 1024 - 4],
  ];
  for (const [name, cpu, memoryGib] of rows) {
    it(`${cpu.toFixed(2)} CPU and ${memoryGib.toFixed(1)} GiB of ${name}`, () => {
      const room = roomForServers(machine(name));
      assertClose(room.cpu, cpu);
      assertClose(room.memoryGib, memoryGib);
    });
  }
});

describe("The machine type is the smallest that fits one replica", () => {
  const rows: Readonly<Record<string, readonly [object, string]>> = {
    // g2-standard-4 leaves 2.92 CPU and 9.3 GiB; g2-standard-8 leaves 6.91 and 24.3.
    "next to nothing": [{}, "g2-standard-4"],
    "the CPUs of the smallest": [{ cpu: 2.9 }, "g2-standard-4"],
    "more CPUs than that": [{ cpu: 2.93 }, "g2-standard-8"],
    "the memory of the smallest": [{ memoryGib: 9.3 }, "g2-standard-4"],
    "more memory than that": [{ memoryGib: 9.31 }, "g2-standard-8"],
    // Two GPUs come with 24 CPUs first, four with 48.
    "two GPUs": [{ gpus: 2 }, "g2-standard-24"],
    "three GPUs": [{ gpus: 3 }, "g2-standard-48"],
    // g2-standard-32 leaves 128 - 2.6 - 6.72 - 0.1 - 4 = 114.6 GiB; more has g2-standard-48 only.
    "115 GiB": [{ memoryGib: 115 }, "g2-standard-48"],
    "what no machine has, and gets the largest": [{ gpus: 9 }, "g2-standard-96"],
  };
  for (const [what, [pod, expected]] of Object.entries(rows)) {
    it(`that needs ${what}: ${expected}`, () => {
      assert.equal(deriveMachineType("nvidia-l4", { ...small, ...pod }).name, expected);
    });
  }

  it("of the accelerator that was chosen", () => {
    assert.equal(deriveMachineType("nvidia-tesla-a100", small).name, "a2-highgpu-1g");
    assert.equal(deriveMachineType("nvidia-tesla-a100", { ...small, gpus: 16 }).name, "a2-megagpu-16g");
    assert.equal(deriveMachineType("nvidia-a100-80gb", { ...small, gpus: 4 }).name, "a2-ultragpu-4g");
  });

  it("or is an error of ours where the catalogue knows no machine", () => {
    const unknown = JSON.parse('"nvidia-h100"');
    assert.throws(
      () => deriveMachineType(unknown, small),
      /^Error: the catalogue has no machine type for nvidia-h100$/,
    );
  });
});

describe("The boot disk", () => {
  // 100 GB are 93.132 GiB: less 10 % and 6 GiB + 35 % leaves 45.223, less 20 for the image 25.223.
  it("leaves about half of itself, less the unpacked image", () => {
    const gib = 100 / 1.073741824;
    assertClose(diskForServersGib(100), gib * 0.9 - (6 + 0.35 * gib) - 20);
    // Below 40 GiB the system takes half: 32.2 GB are 30 GiB, 27 - 15 - 20.
    assertClose(diskForServersGib(30 * 1.073741824), 27 - 15 - 20);
  });

  const rows: readonly (readonly [machine: string, pod: object, disk: number])[] = [
    ["g2-standard-8", { diskGib: 10 }, 100],
    ["g2-standard-8", { diskGib: 25.2 }, 100],
    // 110 GB are 102.445 GiB: 0.55 × 102.445 - 6 = 50.3 for 25.3 + 20.
    ["g2-standard-8", { diskGib: 25.3 }, 110],
    // Two pods of one GPU need 40 + 20: 120 GB leave 55.5, 130 GB leave 60.6.
    ["g2-standard-24", { diskGib: 20 }, 130],
    // The second pod has no CPUs to run on.
    ["g2-standard-24", { diskGib: 20, cpu: 12 }, 100],
    // 80 + 20: 200 GB leave 96.4, 210 GB leave 101.6.
    ["g2-standard-48", { gpus: 4, diskGib: 80 }, 210],
    // A pod that does not fit at all gets a disk all the same.
    ["g2-standard-8", { gpus: 2, diskGib: 30 }, 110],
  ];
  for (const [name, pod, disk] of rows) {
    it(`of ${name} has ${disk} GB for ${JSON.stringify(pod)}`, () => {
      assert.equal(deriveGpuDiskGb(machine(name), { ...small, ...pod }), disk);
    });
  }

  it("is never larger than Google makes them, 65,536 GB", () => {
    const disk = deriveGpuDiskGb(machine("g2-standard-8"), { ...small, diskGib: 65_536 });
    assert.ok(disk <= 65_536 && disk > 65_500, String(disk));
  });
});

describe("The replicas of a node", () => {
  const rows: Readonly<Record<string, readonly [machine: string, pod: object, disk: number, replicas: number]>> = {
    "its GPUs": ["g2-standard-48", {}, 1000, 4],
    "its GPUs, shared out whole": ["g2-standard-48", { gpus: 3 }, 1000, 1],
    // 24 CPUs leave 22.87.
    "its CPUs": ["g2-standard-24", { cpu: 11.5 }, 1000, 1],
    // 96 GiB leave 96 - 2.6 - 80 × 0.06 - 0.1 - 4 = 84.5.
    "its memory": ["g2-standard-24", { memoryGib: 42.3 }, 1000, 1],
    "its memory, if there is enough for two": ["g2-standard-24", { memoryGib: 42.2 }, 1000, 2],
    // 100 GB leave 25.2 GiB.
    "its disk": ["g2-standard-24", { diskGib: 12.7 }, 100, 1],
    "its disk, if there is enough for two": ["g2-standard-24", { diskGib: 12.6 }, 100, 2],
    "its disk, if the image alone is too large": ["g2-standard-24", {}, 30, 0],
    "its GPUs, if they are too few": ["g2-standard-8", { gpus: 2 }, 1000, 0],
  };
  for (const [what, [name, pod, disk, replicas]] of Object.entries(rows)) {
    it(`are limited by ${what}: ${replicas}`, () => {
      assert.equal(deriveReplicasPerNode(machine(name), { ...small, ...pod }, disk), replicas);
    });
  }
});

describe("The nodes of the pool", () => {
  it("hold the replicas, the last one perhaps in part", () => {
    assert.deepEqual([nodesFor(5, 1), nodesFor(5, 2), nodesFor(6, 2), nodesFor(1, 8)], [5, 3, 3, 1]);
  });

  it("are counted as if one held a replica where none does", () => {
    assert.equal(nodesFor(5, 0), 5);
  });

  it("are enough at their maximum for one more replica than maxReplicas", () => {
    assert.deepEqual([deriveMaxNodes(5, 1), deriveMaxNodes(5, 2), deriveMaxNodes(6, 2)], [6, 3, 4]);
  });

  it("are never more than the 1,000 that a pool can have", () => {
    assert.deepEqual([deriveMaxNodes(999, 1), deriveMaxNodes(1000, 1)], [1000, 1000]);
  });
});

describe("The zones of the system pool", () => {
  const three = ["z-a", "z-b", "z-c"];
  const rows: readonly (readonly [nodes: number, zones: readonly string[], count: number])[] = [
    [1, three, 1],
    [2, three, 2],
    [3, three, 3],
    [4, three, 2],
    [5, three, 1],
    [6, three, 3],
    [3, ["z-a", "z-b"], 1],
    [2, ["z-a"], 1],
    [2, [], 0],
  ];
  for (const [nodes, zones, count] of rows) {
    it(`are ${count} of ${zones.length} for ${nodes} nodes, so that each has as many`, () => {
      assert.deepEqual(deriveSystemZones(nodes, zones), zones.slice(0, count));
    });
  }
});
