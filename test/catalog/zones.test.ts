import assert from "node:assert/strict";
import type { MachineFamily } from "../../catalog/accelerators";
import { regionsOffering, zonesOffering } from "../../catalog/zones";

/** Compute Engine's "GPU regions and zones": per family, each region with its zones as the document writes them. */
const OFFERED: Readonly<Record<MachineFamily, readonly (readonly [region: string, zones: string])[]>> = {
  g2: [
    ["asia-east1", "asia-east1-a asia-east1-b asia-east1-c"],
    ["asia-northeast1", "asia-northeast1-a asia-northeast1-b asia-northeast1-c"],
    ["asia-northeast3", "asia-northeast3-a asia-northeast3-b"],
    ["asia-south1", "asia-south1-a asia-south1-b asia-south1-c"],
    ["asia-southeast1", "asia-southeast1-a asia-southeast1-b asia-southeast1-c"],
    ["europe-west1", "europe-west1-b europe-west1-c"],
    ["europe-west2", "europe-west2-a europe-west2-b"],
    ["europe-west3", "europe-west3-a europe-west3-b"],
    ["europe-west4", "europe-west4-a europe-west4-b europe-west4-c"],
    ["europe-west6", "europe-west6-b europe-west6-c"],
    ["me-central2", "me-central2-a me-central2-c"],
    ["northamerica-northeast1", "northamerica-northeast1-b northamerica-northeast1-c"],
    ["northamerica-northeast2", "northamerica-northeast2-a northamerica-northeast2-b"],
    ["us-central1", "us-central1-a us-central1-b us-central1-c"],
    ["us-east1", "us-east1-b us-east1-c us-east1-d"],
    ["us-east4", "us-east4-a us-east4-c"],
    ["us-west1", "us-west1-a us-west1-b us-west1-c"],
    ["us-west4", "us-west4-a us-west4-c"],
  ],
  "a2-highgpu": [
    ["asia-northeast1", "asia-northeast1-a asia-northeast1-c"],
    ["asia-northeast3", "asia-northeast3-a asia-northeast3-b"],
    ["asia-southeast1", "asia-southeast1-a asia-southeast1-b asia-southeast1-c"],
    ["europe-west4", "europe-west4-a europe-west4-b"],
    ["me-west1", "me-west1-a me-west1-c"],
    ["us-central1", "us-central1-a us-central1-b us-central1-c us-central1-f"],
    ["us-east1", "us-east1-b"],
    ["us-west1", "us-west1-b"],
    ["us-west3", "us-west3-b"],
    ["us-west4", "us-west4-b"],
  ],
  "a2-megagpu": [
    ["asia-southeast1", "asia-southeast1-a asia-southeast1-c"],
    ["europe-west4", "europe-west4-a europe-west4-b"],
    ["us-central1", "us-central1-a us-central1-b us-central1-c us-central1-f"],
  ],
  "a2-ultragpu": [
    ["asia-southeast1", "asia-southeast1-c"],
    ["europe-west4", "europe-west4-a"],
    ["us-central1", "us-central1-a us-central1-c"],
    ["us-east4", "us-east4-c"],
    ["us-east5", "us-east5-a us-east5-b"],
  ],
};

const FAMILIES = ["g2", "a2-highgpu", "a2-megagpu", "a2-ultragpu"] as const;

describe("zones that offer a machine family", () => {
  for (const family of FAMILIES) {
    it(`${family}: are offered in exactly the regions of Google's list, which come in alphabetical order`, () => {
      assert.deepEqual(
        regionsOffering(family),
        OFFERED[family].map(([region]) => region),
      );
    });

    for (const [region, zones] of OFFERED[family]) {
      it(`${family} in ${region}: ${zones}`, () => assert.deepEqual(zonesOffering(family, region), zones.split(" ")));
    }
  }

  const nowhere = [
    ["g2", "us-west3", "a region that offers only other families"],
    ["a2-ultragpu", "us-east1", "a region that offers only other families"],
    ["g2", "europe-west9", "a region without any"],
    ["g2", "us-central1-a", "a zone instead of a region"],
    ["g2", "", "no region at all"],
  ] as const;
  for (const [family, region, why] of nowhere) {
    it(`there are none of ${family} for ${JSON.stringify(region)}: ${why}`, () => {
      assert.deepEqual(zonesOffering(family, region), []);
    });
  }
});
