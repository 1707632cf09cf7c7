import assert from "node:assert/strict";
import fc from "fast-check";
import {
  ACCELERATOR_LABEL,
  allocatableCpu,
  allocatableDiskGib,
  allocatableMemoryGib,
  DCGM_COMPONENT,
  GPU_RESOURCE,
  GPU_TAINT,
  gbToGib,
  gibToGb,
  HPA_DEFAULTS,
  imageStreams,
  LIMITS,
  MONITORING_COMPONENTS,
  SYSTEM_PODS,
} from "../../catalog/gke";

function near(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`);
}

describe("names that GKE gives", () => {
  it("the GPU taint is nvidia.com/gpu=present, whose effect Google's API and Kubernetes spell differently", () => {
    assert.deepEqual(GPU_TAINT, {
      key: "nvidia.com/gpu",
      value: "present",
      gkeEffect: "NO_SCHEDULE",
      kubernetesEffect: "NoSchedule",
    });
  });

  it("pods request nvidia.com/gpu, and GPU nodes carry cloud.google.com/gke-accelerator", () => {
    assert.equal(GPU_RESOURCE, "nvidia.com/gpu");
    assert.equal(ACCELERATOR_LABEL, "cloud.google.com/gke-accelerator");
  });

  it("the system components are always among the monitored ones, or the duty cycle would be off", () => {
    assert.deepEqual(MONITORING_COMPONENTS, ["SYSTEM_COMPONENTS", "HPA", "POD", "DEPLOYMENT"]);
    assert.equal(DCGM_COMPONENT, "DCGM");
  });

  it("the limits are those of Google's APIs", () => {
    assert.deepEqual(LIMITS, {
      clusterNameLength: 40,
      serviceAccountIdLength: 30,
      nodesPerPool: 1000,
      notificationChannels: 16,
      bootDiskGb: 65_536,
    });
  });

  it("the HPA controller's defaults are those of Kubernetes", () => {
    assert.deepEqual(HPA_DEFAULTS, { tolerance: 0.1, syncPeriodSeconds: 15, scaleDownStabilizationSeconds: 300 });
  });

  it("the DaemonSets of a node leave most of the smallest GPU machine to the server", () => {
    assert.deepEqual(Object.keys(SYSTEM_PODS), ["cpu", "memoryGib"]);
    assert.ok(SYSTEM_PODS.cpu > 0 && SYSTEM_PODS.cpu < 4 / 2);
    assert.ok(SYSTEM_PODS.memoryGib > 0 && SYSTEM_PODS.memoryGib < 16 / 2);
  });
});

describe("allocatableMemoryGib", () => {
  // 25 % of the first 4 GiB, 20 % of the next 4, 10 % of the next 8, 6 % of the next 112, 2 % above; 100 MiB on top.
  const rows = [
    [2, 0.5],
    [4, 1],
    [5, 1 + 0.2],
    [8, 1.8],
    [9, 1.8 + 0.1],
    [16, 2.6],
    [17, 2.6 + 0.06],
    [32, 2.6 + 16 * 0.06],
    [128, 2.6 + 6.72],
    [129, 9.32 + 0.02],
    [384, 9.32 + 5.12],
  ] as const;
  for (const [machine, reserved] of rows) {
    it(`of ${machine} GiB, GKE reserves ${reserved} GiB and 100 MiB for eviction`, () => {
      near(allocatableMemoryGib(machine), machine - reserved - 100 / 1024);
    });
  }
});

describe("allocatableCpu", () => {
  // 6 % of the first core, 1 % of the second, 0.5 % of the next two, 0.25 % above.
  const rows = [
    [0.5, 0.03],
    [1, 0.06],
    [1.5, 0.065],
    [2, 0.07],
    [3, 0.075],
    [4, 0.08],
    [5, 0.0825],
    [8, 0.09],
    [96, 0.31],
  ] as const;
  for (const [vcpus, reserved] of rows) {
    it(`of ${vcpus} CPUs, GKE reserves ${reserved}`, () => near(allocatableCpu(vcpus), vcpus - reserved));
  }
});

describe("allocatableDiskGib", () => {
  // A tenth goes to eviction. The system takes half up to 40 GiB, 6 GiB + 35 % up to 268.6 GiB, then 100 GiB.
  const rows = [
    [30, 30 - 3 - 15],
    [39, 39 - 3.9 - 19.5],
    [40, 40 - 4 - 20],
    [41, 41 - 4.1 - 20.35],
    [100, 100 - 10 - 41],
    [268, 268 - 26.8 - 99.8],
    [269, 269 - 26.9 - 100],
    [1000, 1000 - 100 - 100],
  ] as const;
  for (const [disk, expected] of rows) {
    it(`of a boot disk of ${disk} GiB, pods can use ${expected}`, () => {
      near(allocatableDiskGib(disk * 1.073741824), expected);
    });
  }

  it("of a boot disk of 100 GB, about 49 GB are left", () => {
    assert.equal(Math.round(allocatableDiskGib(100) * 1.073741824), 49);
  });
});

describe("what pods can use", () => {
  it("is less than there is, and grows with it", () => {
    const size = fc.double({ min: 1, max: 2000, noNaN: true });
    fc.assert(
      fc.property(size, size, (a, more) => {
        assert.ok(allocatableMemoryGib(a) < a && allocatableMemoryGib(a + more) > allocatableMemoryGib(a));
        assert.ok(allocatableCpu(a) < a && allocatableCpu(a + more) > allocatableCpu(a));
        assert.ok(allocatableDiskGib(a) < gbToGib(a) && allocatableDiskGib(a + more) > allocatableDiskGib(a));
      }),
    );
  });
});

describe("gigabytes", () => {
  it("are 2^30 bytes as GiB and 10^9 as GB", () => {
    near(gibToGb(1), 2 ** 30 / 1e9);
    near(gibToGb(10), 10.73741824);
    near(gbToGib(1.073741824), 1);
    near(gbToGib(100), 93.13225746154785);
  });
});

describe("imageStreams", () => {
  const rows = [
    ["us-docker.pkg.dev/p/r/i", "us-central1", true],
    ["us-docker.pkg.dev/p/r/i", "us-west4", true],
    ["us-docker.pkg.dev/p/r/i", "europe-west4", false],
    ["us-docker.pkg.dev/p/r/i", "northamerica-northeast1", false],
    ["europe-docker.pkg.dev/p/r/i", "europe-west4", true],
    ["europe-docker.pkg.dev/p/r/i", "us-central1", false],
    ["asia-docker.pkg.dev/p/r/i", "asia-southeast1", true],
    ["asia-docker.pkg.dev/p/r/i", "australia-southeast1", false],
    ["us-central1-docker.pkg.dev/p/r/i", "us-central1", true],
    ["us-central1-docker.pkg.dev/p/r/i", "us-central2", false],
    ["us-central1-docker.pkg.dev/p/r/i", "us-central", false],
    ["europe-west4-docker.pkg.dev/p/r/i", "europe-west4", true],
    ["europe-west4-docker.pkg.dev/p/r/i", "europe-west1", false],
    ["ghcr.io/huggingface/text-generation-inference:3.3.7", "us-central1", false],
    ["gcr.io/p/i", "us-central1", false],
    ["ghcr.io/us-docker.pkg.dev/p/r/i", "us-central1", false],
    ["us-docker.pkg.dev", "us-central1", false],
    ["us-docker.pkg.development/p/r/i", "us-central1", false],
    ["-docker.pkg.dev/p/r/i", "us-central1", false],
  ] as const;
  for (const [image, region, expected] of rows) {
    it(`${image} ${expected ? "streams" : "does not stream"} to ${region}`, () => {
      assert.equal(imageStreams(image, region), expected);
    });
  }
});
