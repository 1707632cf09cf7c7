import * as apps from "@pulumi/kubernetes/apps/v1";
import * as core from "@pulumi/kubernetes/core/v1";
import type { core as types } from "@pulumi/kubernetes/types/input";
import * as pulumi from "@pulumi/pulumi";
import { DCGM } from "../catalog/dcgm";
import { ACCELERATOR_LABEL } from "../catalog/gke";
import { SERIES } from "../catalog/metrics";
import { TGI } from "../catalog/tgi";
import { after, childOptions, componentType } from "./component";
import { podMonitoring } from "./podMonitoring";

const COUNTERS_FILE = "counters.csv";
const COUNTERS_PATH = "/etc/dcgm-exporter";
const DRIVER_PATH = "/usr/local/nvidia";

/**
 * A DCGM exporter of our own, for `dcgmExporter: self-managed`. Privileged, so for Standard clusters only. It exports
 * the one field that the strategy needs, under a lower-case name: the HPA asks for External metrics in lower case.
 */
export class DcgmExporter extends pulumi.ComponentResource {
  constructor(name: string, opts: pulumi.ComponentResourceOptions = {}) {
    super(componentType("DcgmExporter"), name, {}, opts);
    const child = childOptions(this, opts);
    const counters = new core.ConfigMap(
      `${name}-counters`,
      {
        metadata: { name: `${DCGM.exporterName}-counters`, namespace: DCGM.namespace },
        data: { [COUNTERS_FILE]: `${DCGM.utilisationField}, gauge, GPU utilization (in %).\n` },
      },
      child,
    );
    const exporter = new apps.DaemonSet(
      `${name}-daemonset`,
      {
        metadata: { name: DCGM.exporterName, namespace: DCGM.namespace, labels: DCGM.podLabels },
        spec: {
          selector: { matchLabels: DCGM.podLabels },
          updateStrategy: { type: "RollingUpdate" },
          template: {
            metadata: { labels: DCGM.podLabels },
            spec: exporterPodSpec(counters.metadata.name),
          },
        },
      },
      child,
    );
    podMonitoring(
      `${name}-podmonitoring`,
      {
        name: DCGM.podMonitoringName,
        namespace: DCGM.namespace,
        labels: DCGM.podLabels,
        portName: DCGM.portName,
        path: "/metrics",
        intervalSeconds: DCGM.scrapeIntervalSeconds,
        metricRelabeling: [
          // Every series that passes is ingested and billed.
          { action: "keep", sourceLabels: ["__name__"], regex: DCGM.utilisationField },
          // Of the labels that remain, none tells a Deployment: its pods' names do.
          { action: "keep", sourceLabels: ["exported_pod"], regex: `${TGI.deploymentName}-[0-9a-z]+-[0-9a-z]+` },
          {
            action: "replace",
            sourceLabels: ["__name__"],
            targetLabel: "__name__",
            replacement: SERIES.dcgmGpuUtilRenamed.name,
          },
        ],
      },
      // Without an exporter there is nothing to scrape.
      after(child, exporter),
    );
    this.registerOutputs({});
  }
}

function exporterPodSpec(countersName: pulumi.Input<string>): types.v1.PodSpec {
  return {
    automountServiceAccountToken: false,
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: ACCELERATOR_LABEL, operator: "Exists" }] }],
        },
      },
    },
    tolerations: [{ operator: "Exists" }],
    containers: [
      {
        name: "dcgm-host-engine",
        image: DCGM.hostEngineImage,
        command: ["nv-hostengine", "-n", "-b", "127.0.0.1", "-p", String(DCGM.hostEnginePort)],
        // It reads the GPUs' counters through the driver's devices. What else could be set, privileged undoes.
        securityContext: { privileged: true },
        resources: { requests: { cpu: "50m", memory: "128Mi" }, limits: { memory: "512Mi" } },
        volumeMounts: [{ name: "driver", mountPath: DRIVER_PATH, readOnly: true }],
      },
      {
        name: "dcgm-exporter",
        image: DCGM.exporterImage,
        args: [
          "--remote-hostengine-info",
          `127.0.0.1:${DCGM.hostEnginePort}`,
          "--collectors",
          `${COUNTERS_PATH}/${COUNTERS_FILE}`,
        ],
        ports: [{ name: DCGM.portName, containerPort: DCGM.exporterPort }],
        env: [
          { name: "DCGM_EXPORTER_KUBERNETES", value: "true" },
          { name: "DCGM_EXPORTER_LISTEN", value: `:${DCGM.exporterPort}` },
          { name: "DCGM_EXPORTER_KUBERNETES_GPU_ID_TYPE", value: "device-name" },
          // Where its libraries are once the node's driver is mounted.
          { name: "LD_LIBRARY_PATH", value: `${DRIVER_PATH}/lib64` },
        ],
        // It asks the kubelet's socket, which is root's, which pod holds which GPU.
        securityContext: { privileged: true },
        resources: { requests: { cpu: "50m", memory: "128Mi" }, limits: { memory: "256Mi" } },
        volumeMounts: [
          { name: "driver", mountPath: DRIVER_PATH, readOnly: true },
          { name: "pod-resources", mountPath: DCGM.podResourcesPath, readOnly: true },
          { name: "counters", mountPath: COUNTERS_PATH, readOnly: true },
        ],
      },
    ],
    volumes: [
      { name: "driver", hostPath: { path: DCGM.nodeDriverPath } },
      { name: "pod-resources", hostPath: { path: DCGM.podResourcesPath } },
      { name: "counters", configMap: { name: countersName } },
    ],
  };
}
