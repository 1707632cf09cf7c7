import * as pulumi from "@pulumi/pulumi";
import { loadConfig } from "./config/load";
import { buildPlatform } from "./platform";

/** The program: Pulumi calls it, and so does everything that looks at the stack without an engine. */
export = function program() {
  const config = loadConfig();
  const { clusterName, kubeconfig, dashboardUrl, ...names } = buildPlatform(config);
  const [{ strategy, target }] = config.autoscaler.metrics;
  const location = config.location.name;
  return {
    clusterName,
    location,
    ...names,
    metricStrategy: strategy,
    metricTarget: target,
    kubeconfig,
    connectCommand: pulumi.interpolate`gcloud container clusters get-credentials ${clusterName} --location ${location} --project ${config.project}`,
    ...(dashboardUrl === undefined ? {} : { dashboardUrl }),
  };
};
