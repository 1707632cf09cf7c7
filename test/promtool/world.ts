import { ADAPTER } from "../../catalog/adapter";
import { OBSERVED, type Series } from "../../catalog/metrics";
import { type Adapter, type Loss, type Server, type World, workloadOf } from "./model";
import { always, during, type PlayedSeries, type Seconds, type Timeline, within } from "./series";
import { serverSeries, systemLabels } from "./serverSeries";

/** From a sample to the HPA's decision. */
const SEEN_BY_HPA_SECONDS = 30;

/** The series that Cloud Monitoring has of a world. */
export function seriesOf(world: World): readonly PlayedSeries[] {
  const { losses = [], servers } = world;
  return [
    ...servers.flatMap((server) => lossy(serverSeries(server, world), losses, server)),
    ...lossy(hpaSeries(world), losses),
    ...lossy(deploymentSeries(world), losses),
    ...(world.adapter === undefined ? [] : adapterSeries(world.adapter, world)),
  ];
}

function lossy(played: readonly PlayedSeries[], losses: readonly Loss[], server?: Server): readonly PlayedSeries[] {
  return played.map((series) => {
    const mine = losses.filter(
      ({ metrics, suffix }) => metrics.includes(series.metric) && (suffix ?? server?.suffix) === server?.suffix,
    );
    const value: Timeline<number> = (at) => (mine.some((loss) => within(loss, at)) ? undefined : series.value(at));
    return mine.length === 0 ? series : { ...series, value };
  });
}

function hpaSeries(world: World): readonly PlayedSeries[] {
  const { place, hpa, servers, minReplicas, maxReplicas, bornAt } = world;
  const labels = { ...place, horizontalpodautoscaler: workloadOf(world).hpa };
  const readable = (at: Seconds) =>
    !(hpa.blind !== undefined && within(hpa.blind, at)) &&
    servers.some(({ readyAt, deletedAt }) => readyAt + SEEN_BY_HPA_SECONDS <= at && at < deletedAt);
  const active = (at: Seconds) => (readable(at) ? "true" : "false");
  const limited = (at: Seconds) => ([minReplicas, maxReplicas].includes(hpa.desired(at) ?? 0) ? "true" : "false");
  const kube = (metric: Series, value: Timeline<number>, more = {}): PlayedSeries => ({
    metric,
    labels: { ...labels, ...more },
    every: 30,
    value: during({ from: bornAt }, value),
  });
  return [
    kube(OBSERVED.hpaMinReplicas, always(minReplicas)),
    kube(OBSERVED.hpaMaxReplicas, always(maxReplicas)),
    kube(OBSERVED.hpaDesiredReplicas, hpa.desired),
    kube(OBSERVED.hpaCurrentReplicas, (at) => count(servers, at, "createdAt")),
    ...["true", "false", "unknown"].flatMap((status) => [
      kube(OBSERVED.hpaCondition, (at) => Number(active(at) === status), { condition: "ScalingActive", status }),
      kube(OBSERVED.hpaCondition, (at) => Number(limited(at) === status), { condition: "ScalingLimited", status }),
    ]),
  ];
}

function deploymentSeries(world: World): readonly PlayedSeries[] {
  const { place, servers, hpa, bornAt } = world;
  const deployment = { labels: { ...place, deployment: workloadOf(world).deployment }, every: 30 } as const;
  // A Deployment that says nothing has one replica until the HPA decides.
  const wanted: Timeline<number> = (at) => (hpa.told ?? hpa.desired)(at) || 1;
  const available: Timeline<number> = (at) => count(servers, at, "readyAt");
  const updated: Timeline<number> = (at) => count(ofNewestRevision(servers, at), at, "createdAt");
  return [
    { ...deployment, metric: OBSERVED.deploymentReplicas, value: during({ from: bornAt }, wanted) },
    { ...deployment, metric: OBSERVED.deploymentAvailable, value: during({ from: bornAt }, available) },
    { ...deployment, metric: OBSERVED.deploymentUpdated, value: during({ from: bornAt }, updated) },
  ];
}

function ofNewestRevision(servers: readonly Server[], at: Seconds): readonly Server[] {
  const made = servers.filter(({ createdAt }) => createdAt <= at);
  const newest = Math.max(...made.map(({ revision = 1 }) => revision));
  return made.filter(({ revision = 1 }) => revision === newest);
}

function adapterSeries({ available, restarts }: Adapter, { place, bornAt }: World): readonly PlayedSeries[] {
  const home = { ...place, namespace: ADAPTER.namespace };
  const deployment = { labels: { ...home, deployment: ADAPTER.name }, every: 30 } as const;
  return [
    {
      ...deployment,
      metric: OBSERVED.deploymentReplicas,
      value: during({ from: bornAt }, always<number>(ADAPTER.replicas)),
    },
    { ...deployment, metric: OBSERVED.deploymentAvailable, value: during({ from: bornAt }, available) },
    ...restarts.map(
      (value, index): PlayedSeries => ({
        metric: OBSERVED.containerRestarts,
        labels: systemLabels(home, `${ADAPTER.name}-${index}`, ADAPTER.containerName),
        every: 60,
        value: during({ from: bornAt }, value),
      }),
    ),
  ];
}

/** Pods stop counting as soon as they are deleted, whatever they still do. */
function count(servers: readonly Server[], at: Seconds, since: "createdAt" | "readyAt"): number {
  return servers.filter((server) => within({ from: server[since], until: server.deletedAt }, at)).length;
}
