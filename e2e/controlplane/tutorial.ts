import type { KubernetesObject } from "@kubernetes/client-node";
import { ADAPTER } from "../../catalog/adapter";
import { DCGM } from "../../catalog/dcgm";
import { ACCELERATOR_LABEL, GPU_RESOURCE } from "../../catalog/gke";
import { TGI } from "../../catalog/tgi";
import { type StackObjects, withPoolOf } from "./stackObjects";

/** GPU nodes that the tutorial's cluster was made with: nobody told the pool what the HPA may ask for. */
const POOL_NODES = 3;
const LABELS = { app: "gemma-server" };
const NAMESPACE = "default";

/** The HPA of the tutorial's server metrics, and that of its GPU metrics: they have two names. */
export const TUTORIAL_HPAS = { server: "gemma-server", gpu: "gemma-hpa" } as const;

/**
 * What Google's tutorial has its readers apply, in our own rendering: the sample Deployment, PodMonitoring and adapter,
 * and nothing around them. The adapter's objects are those of its production manifest, which the stack installs too.
 *
 * Sources: "Configure autoscaling for LLM workloads on GPUs with GKE", "Serve Gemma open models using GPUs on GKE with
 * Hugging Face TGI", GoogleCloudPlatform/k8s-stackdriver `adapter_new_resource_model.yaml`; 2026-11.
 */
export function tutorialObjects(ours: StackObjects): StackObjects {
  const isAdapters = ({ kind, metadata }: KubernetesObject) =>
    metadata?.name === ADAPTER.namespace ||
    metadata?.namespace === ADAPTER.namespace ||
    ["APIService", "ClusterRole", "ClusterRoleBinding", "RoleBinding"].includes(kind ?? "");
  const adapter = ours.objects.filter((it) => isAdapters(it) && it.kind !== "PodDisruptionBudget");
  return {
    ...withPoolOf(POOL_NODES, ours),
    objects: [deployment(ours), service(), serverMonitoring(), ...adapter, serverHpa("tgi_queue_size")],
    // Its reader is not told to grant anything.
    adapterMayRead: false,
  };
}

/** Google's sample: one replica, no probes, no disruption budget, the default 30 s to end. */
export function deployment({ config }: StackObjects): KubernetesObject {
  const { server, gpuPool } = config;
  const resources = { cpu: String(server.cpu), memory: `${server.memoryGib}Gi`, [GPU_RESOURCE]: String(server.gpus) };
  const spec = {
    replicas: 1,
    selector: { matchLabels: LABELS },
    template: {
      metadata: { labels: LABELS },
      spec: {
        containers: [
          {
            name: TGI.containerName,
            image: TGI.image.replace("2-4", "2-3"),
            resources: { requests: resources, limits: resources },
            env: [
              { name: "AIP_HTTP_PORT", value: "8000" },
              { name: "MODEL_ID", value: server.modelId },
              { name: "NUM_SHARD", value: String(server.gpus) },
            ],
          },
        ],
        nodeSelector: { [ACCELERATOR_LABEL]: gpuPool.accelerator },
        tolerations: [{ key: GPU_RESOURCE, operator: "Exists", effect: "NoSchedule" }],
      },
    },
  };
  return object("apps/v1", "Deployment", "tgi-gemma-deployment", spec);
}

function service(): KubernetesObject {
  return object("v1", "Service", "llm-service", { selector: LABELS, ports: [{ port: 8000, targetPort: 8000 }] });
}

function serverMonitoring(): KubernetesObject {
  const spec = { selector: { matchLabels: LABELS }, endpoints: [{ port: 8000, interval: "15s" }] };
  return object("monitoring.googleapis.com/v1", "PodMonitoring", "gemma-pod-monitoring", spec);
}

/** Its DCGM metrics: an exporter's label that nothing on a current cluster has, and a `keep` that says not what. */
export function dcgmMonitoring(): KubernetesObject {
  const name = ["__name__"];
  const rename = { targetLabel: "__name__", regex: DCGM.utilisationField, replacement: "dcgm_fi_dev_gpu_util" };
  const metricRelabeling = [
    { action: "keep", sourceLabels: name },
    { action: "replace", sourceLabels: name, ...rename },
  ];
  const spec = {
    selector: { matchLabels: { "app.kubernetes.io/name": "nvidia-dcgm-exporter" } },
    endpoints: [{ port: "metrics", interval: "15s", metricRelabeling }],
  };
  const { metadata, ...rest } = object("monitoring.googleapis.com/v1", "PodMonitoring", DCGM.podMonitoringName, spec);
  return { ...rest, metadata: { ...metadata, namespace: DCGM.namespace } };
}

/** @param metric as Prometheus names it: its text says `tgi_batch_size` where the server says `tgi_batch_current_size`. */
export function serverHpa(metric: string): KubernetesObject {
  const target = { type: "AverageValue", averageValue: "10" };
  return hpa(TUTORIAL_HPAS.server, {
    type: "Pods",
    pods: { metric: { name: `prometheus.googleapis.com|${metric}|gauge` }, target },
  });
}

/** @param labels that a series must have to be counted. */
export function gpuHpa(metric: string, labels: Readonly<Record<string, string>>): KubernetesObject {
  const target = { type: "AverageValue", averageValue: "60" };
  return hpa(TUTORIAL_HPAS.gpu, {
    type: "External",
    external: { metric: { name: metric, selector: { matchLabels: labels } }, target },
  });
}

export const dutyCycleHpa = () =>
  gpuHpa("kubernetes.io|container|accelerator|duty_cycle", {
    "resource.labels.container_name": "inference-server",
    "resource.labels.namespace_name": "default",
  });

export const dcgmHpa = () =>
  gpuHpa("prometheus.googleapis.com|dcgm_fi_dev_gpu_util|unknown", {
    "metric.labels.exported_container": "inference-server",
    "metric.labels.exported_namespace": "default",
  });

function hpa(name: string, metric: object): KubernetesObject {
  return object("autoscaling/v2", "HorizontalPodAutoscaler", name, {
    scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "tgi-gemma-deployment" },
    minReplicas: 1,
    maxReplicas: 5,
    metrics: [metric],
  });
}

function object(apiVersion: string, kind: string, name: string, spec: object): KubernetesObject {
  return { apiVersion, kind, metadata: { name, namespace: NAMESPACE }, spec } as KubernetesObject;
}
