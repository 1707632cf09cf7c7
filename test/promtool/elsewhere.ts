import assert from "node:assert/strict";
import { ADAPTER } from "../../catalog/adapter";
import { SERIES } from "../../catalog/metrics";
import { TGI } from "../../catalog/tgi";
import type { Load, Stage, World } from "./model";
import { always, type Timeline } from "./series";
import { SCRAPED_FROM_TGI } from "./serverSeries";
import { IDLE, REFUSING, SWAMPED, server, steady } from "./situations";

/** Not ours, but in the same project: Cloud Monitoring has their series beside ours. */
export function elsewhere(stage: Stage): readonly Stage[] {
  const { place } = stage;
  const workload = { hpa: "other-hpa", deployment: "other", container: "other" };
  return [
    { ...stage, place: { ...place, cluster: "other" } },
    { ...stage, place: { ...place, location: "europe-west4" } },
    { ...stage, place: { ...place, namespace: "other" } },
    { ...stage, minReplicas: 3, maxReplicas: 20, workload },
    { ...stage, minReplicas: 3, maxReplicas: 20, workload, place: { ...place, namespace: ADAPTER.namespace } },
  ];
}

/** Others for whom all is well. */
export function healthyOthers(stage: Stage): readonly World[] {
  return elsewhere(stage).map((other) => ownAdapter(stage, steady(other, Math.max(4, other.minReplicas))));
}

/** Others who have every trouble that there is. */
export function troubledOthers(stage: Stage): readonly World[] {
  // What Google's samples call their container too.
  const workload = { hpa: "sample-hpa", deployment: "sample", container: TGI.containerName };
  const copy = { hpa: "copy-hpa", deployment: "copy", container: ADAPTER.containerName };
  const copied = { ...stage, place: { ...stage.place, namespace: "copy" }, workload: copy };
  return [...elsewhere(stage), { ...stage, workload }, copied].map((other) => ownAdapter(stage, troubled(other)));
}

/** Another server in our own namespace, under its own names, in front of clients of its own. */
export function otherServer(stage: Stage, load: Load): World {
  const other = elsewhere(stage).find(({ place, workload }) => place === stage.place && workload !== undefined);
  const world = steady(other ?? assert.fail("nobody else is in our namespace"), 4);
  return { ...world, servers: world.servers.map((each) => ({ ...each, load: always(load) })), adapter: undefined };
}

/**
 * A world of which all alerts speak, where a stack scales on the queue. Refusals of another server in our namespace
 * are not among them: they have a test of their own.
 */
export function troubled(stage: Stage): World {
  const restarts: Timeline<number> = (at) => Math.floor(Math.max(0, at) / 300);
  return {
    ...stage,
    servers: [
      server("refusing", { load: always(stage.workload === undefined ? REFUSING : SWAMPED), restarts }),
      server("idle", { load: always(IDLE) }),
    ],
    hpa: { desired: always(stage.maxReplicas), blind: {} },
    adapter: { available: always(0), restarts: [restarts, restarts] },
    losses: [
      { metrics: SCRAPED_FROM_TGI, suffix: "idle" },
      { metrics: [SERIES.tgiQueueSize], from: 600 },
    ],
  };
}

/** There is one adapter in a cluster: where it is ours, the others have none. */
function ownAdapter({ place }: Stage, other: World): World {
  const ours = other.place.cluster === place.cluster && other.place.location === place.location;
  return ours ? { ...other, adapter: undefined } : other;
}
