import type { MachineFamily } from "./accelerators";

/** Zone letters by region. */
type ZonesByRegion = Readonly<Record<string, string>>;

/**
 * Where a machine family is offered: a snapshot (2026-11) of Compute Engine's "GPU regions and zones". Offered does
 * not mean in stock, and Google adds zones: the config key `gpuZones` overrides it.
 */
const OFFERED: Readonly<Record<MachineFamily, ZonesByRegion>> = {
  g2: {
    "asia-east1": "abc",
    "asia-northeast1": "abc",
    "asia-northeast3": "ab",
    "asia-south1": "abc",
    "asia-southeast1": "abc",
    "europe-west1": "bc",
    "europe-west2": "ab",
    "europe-west3": "ab",
    "europe-west4": "abc",
    "europe-west6": "bc",
    "me-central2": "ac",
    "northamerica-northeast1": "bc",
    "northamerica-northeast2": "ab",
    "us-central1": "abc",
    "us-east1": "bcd",
    "us-east4": "ac",
    "us-west1": "abc",
    "us-west4": "ac",
  },
  "a2-highgpu": {
    "asia-northeast1": "ac",
    "asia-northeast3": "ab",
    "asia-southeast1": "abc",
    "europe-west4": "ab",
    "me-west1": "ac",
    "us-central1": "abcf",
    "us-east1": "b",
    "us-west1": "b",
    "us-west3": "b",
    "us-west4": "b",
  },
  "a2-megagpu": {
    "asia-southeast1": "ac",
    "europe-west4": "ab",
    "us-central1": "abcf",
  },
  "a2-ultragpu": {
    "asia-southeast1": "c",
    "europe-west4": "a",
    "us-central1": "ac",
    "us-east4": "c",
    "us-east5": "ab",
  },
};

/** Zones of a region that offer a machine family; empty where there are none. */
export function zonesOffering(family: MachineFamily, region: string): readonly string[] {
  const letters = Object.hasOwn(OFFERED[family], region) ? (OFFERED[family][region] ?? "") : "";
  return [...letters].map((letter) => `${region}-${letter}`);
}

/** Regions that offer a machine family, in alphabetical order. */
export function regionsOffering(family: MachineFamily): readonly string[] {
  return Object.keys(OFFERED[family]).sort();
}
