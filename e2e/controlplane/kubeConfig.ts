import { Agent } from "node:https";
import { type Cluster, KubeConfig, type RequestContext, type User } from "@kubernetes/client-node";

/**
 * Access to a cluster for the client library, over connections that last. By itself the library opens one for each
 * request, and most of what a request costs either side is the handshake.
 */
class LastingKubeConfig extends KubeConfig {
  private agent: Agent | undefined;

  override async applySecurityAuthentication(context: RequestContext): Promise<void> {
    await super.applySecurityAuthentication(context);
    const given = context.getAgent();
    if (given instanceof Agent) this.agent ??= new Agent({ ...given.options, keepAlive: true });
    if (this.agent !== undefined) context.setAgent(this.agent);
  }
}

export function kubeConfigOf(cluster: Cluster, user: User): KubeConfig {
  const config = new LastingKubeConfig();
  config.loadFromOptions({
    clusters: [cluster],
    users: [user],
    contexts: [{ name: "played", cluster: cluster.name, user: user.name }],
    currentContext: "played",
  });
  return config;
}
