import type { KubernetesObject } from "@kubernetes/client-node";

const text = { type: "string" };
const texts = { type: "array", items: text };
const object = (properties: object, required: readonly string[] = []) => ({ type: "object", properties, required });

/**
 * The CustomResourceDefinition of managed Prometheus' PodMonitoring, as far as its documentation describes the fields
 * that scrape pods. Fields that are not here are refused under strict validation.
 */
export const POD_MONITORING_CRD: KubernetesObject & { readonly spec: unknown } = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "podmonitorings.monitoring.googleapis.com" },
  spec: {
    group: "monitoring.googleapis.com",
    scope: "Namespaced",
    names: {
      kind: "PodMonitoring",
      plural: "podmonitorings",
      singular: "podmonitoring",
      listKind: "PodMonitoringList",
    },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: object({
            apiVersion: text,
            kind: text,
            metadata: { type: "object" },
            status: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
            spec: object(
              {
                selector: object({
                  matchLabels: { type: "object", additionalProperties: text },
                  matchExpressions: {
                    type: "array",
                    items: object({ key: text, operator: text, values: texts }, ["key", "operator"]),
                  },
                }),
                endpoints: {
                  type: "array",
                  minItems: 1,
                  items: object(
                    {
                      port: { anyOf: [{ type: "integer" }, { type: "string" }], "x-kubernetes-int-or-string": true },
                      path: text,
                      scheme: text,
                      interval: { ...text, pattern: "^[0-9]+(ms|s|m|h)$" },
                      timeout: { ...text, pattern: "^[0-9]+(ms|s|m|h)$" },
                      metricRelabeling: {
                        type: "array",
                        items: object({
                          sourceLabels: texts,
                          separator: text,
                          targetLabel: text,
                          regex: text,
                          modulus: { type: "integer" },
                          replacement: text,
                          action: {
                            ...text,
                            enum: [
                              "replace",
                              "lowercase",
                              "uppercase",
                              "keep",
                              "drop",
                              "keepequal",
                              "dropequal",
                              "hashmod",
                              "labelmap",
                              "labeldrop",
                              "labelkeep",
                            ],
                          },
                        }),
                      },
                    },
                    ["port", "interval"],
                  ),
                },
                targetLabels: object({
                  metadata: texts,
                  fromPod: { type: "array", items: object({ from: text, to: text }, ["from"]) },
                }),
                limits: object({
                  samples: { type: "integer" },
                  labels: { type: "integer" },
                  labelNameLength: { type: "integer" },
                  labelValueLength: { type: "integer" },
                }),
              },
              ["selector", "endpoints"],
            ),
          }),
        },
      },
    ],
  },
};
