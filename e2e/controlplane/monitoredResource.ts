import type { AdapterHome } from "../../standins/adapter/requests";
import type { SeriesKey } from "../../standins/monitoring/store";

type MonitoredResource = SeriesKey["resource"];

/** What a scraped series is written against. */
export function prometheusTarget(
  { project, location, cluster }: AdapterHome,
  target: { readonly namespace: string; readonly job: string; readonly instance: string },
): MonitoredResource {
  return { type: "prometheus_target", labels: { project_id: project, location, cluster, ...target } };
}

/** A container, and the Deployment that it belongs to. */
export interface PlayedContainer {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly deployment: string;
}

/** What GKE's system metrics of a container are written against, and what Cloud Monitoring knows of its workload. */
export function k8sContainer(
  { project, location, cluster }: AdapterHome,
  { namespace, pod, container, deployment }: PlayedContainer,
): Pick<SeriesKey, "resource" | "systemLabels"> {
  return {
    resource: {
      type: "k8s_container",
      labels: {
        project_id: project,
        location,
        cluster_name: cluster,
        namespace_name: namespace,
        pod_name: pod,
        container_name: container,
      },
    },
    systemLabels: { top_level_controller_name: deployment, top_level_controller_type: "Deployment" },
  };
}
