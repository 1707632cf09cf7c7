import type { DcgmExporterKind } from "../../autoscaling/metricStrategy";
import type { ScrapedCumulative, Series } from "../../catalog/metrics";
import { TGI } from "../../catalog/tgi";
import type { Place } from "../../observability/promql";
import type { Seconds, Span, Timeline } from "./series";

/** What clients do to a server. */
export interface Load {
  /** Percent of each of its GPUs. */
  readonly duty: number;
  readonly queue: number;
  readonly batch: number;
  readonly requestsPerSecond: number;
  readonly refusedPerSecond: number;
}

/** A pod of the server. */
export interface Server {
  /** What follows the Deployment's name. */
  readonly suffix: string;
  readonly createdAt: Seconds;
  /** When its node and image are there. */
  readonly startedAt: Seconds;
  /** When the warm-up request has been served. */
  readonly readyAt: Seconds;
  readonly deletedAt: Seconds;
  readonly load: Timeline<Load>;
  /** Which revision of the Deployment's template it is of; the first where it is left out. */
  readonly revision?: number;
  /** Of its container; none where it is left out. */
  readonly restarts?: Timeline<number>;
}

export interface Hpa {
  readonly desired: Timeline<number>;
  /** What the Deployment is told; what is desired where it is left out. */
  readonly told?: Timeline<number>;
  /** When it cannot read its metric although it is written; without a ready server it never can. */
  readonly blind?: Span;
}

export interface Adapter {
  readonly available: Timeline<number>;
  /** Of each of its containers. */
  readonly restarts: readonly Timeline<number>[];
}

/** Samples that are not written: of some metrics, or of one pod, or both. */
export interface Loss extends Span {
  readonly metrics: readonly (Series | ScrapedCumulative)[];
  readonly suffix?: string;
}

/** What a situation is played on. */
export interface Stage {
  readonly place: Place;
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly gpusPerReplica: number;
  readonly dcgmExporter: DcgmExporterKind;
  /** Whether a rollout starts a new server before it stops an old one. */
  readonly surge: boolean;
  /** Names of HPA, Deployment and container, where they are not ours. */
  readonly workload?: { readonly hpa: string; readonly deployment: string; readonly container: string };
}

/** A stack with its cluster, over some time. */
export interface World extends Stage {
  /** When its objects were made. */
  readonly bornAt?: Seconds;
  readonly servers: readonly Server[];
  readonly hpa: Hpa;
  /** Undefined where somebody else serves the metrics APIs. */
  readonly adapter: Adapter | undefined;
  readonly losses?: readonly Loss[];
}

const OURS = { hpa: TGI.hpaName, deployment: TGI.deploymentName, container: TGI.containerName };

/** The names of what is played. */
export function workloadOf({ workload = OURS }: Stage) {
  return workload;
}
