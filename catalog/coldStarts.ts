/** From the wish for a server to its first readiness, in seconds. */
export interface ColdStart {
  /** Until the pod's container runs: a node that is made, or none; then the image. The pod is Pending. */
  readonly pendingSeconds: { readonly least: number; readonly most: number };
  /** Until the container is ready: weights, warm-up. The pod runs, and has no metrics. */
  readonly loadingSeconds: { readonly least: number; readonly most: number };
  readonly description: string;
}

export const COLD_START_NAMES = ["warm-node", "streamed", "nothing-cached", "stock-out"] as const;
export type ColdStartName = (typeof COLD_START_NAMES)[number];

const LOADING = { least: 45, most: 75 } as const;

/**
 * Cold starts of a server on GKE. Assumptions, made of published measurements: an L4 node is up after 72 s (one, 2026)
 * to 93 s (two, 2024); a streamed image counts as pulled after 3–5 s, one of 9 GB pulled whole takes 245 s; weights of a
 * small Gemma load in tens of seconds where they are close by. A pod that finds a node with the image is a `warm-node`
 * start, whatever the profile.
 */
export const COLD_STARTS: Readonly<Record<ColdStartName, ColdStart>> = {
  "warm-node": {
    pendingSeconds: { least: 0, most: 0 },
    loadingSeconds: LOADING,
    description: "a node that waits, with the image on it",
  },
  streamed: {
    pendingSeconds: { least: 75, most: 105 },
    loadingSeconds: LOADING,
    description: "new node, image streamed, weights close by",
  },
  "nothing-cached": {
    pendingSeconds: { least: 230, most: 330 },
    loadingSeconds: { least: 70, most: 120 },
    description: "new node, image pulled whole, weights downloaded",
  },
  "stock-out": {
    pendingSeconds: { least: Number.POSITIVE_INFINITY, most: Number.POSITIVE_INFINITY },
    loadingSeconds: LOADING,
    description: "no GPU is to be had: new nodes never come",
  },
};

/** An empty node of the pool is deleted after so long. Source: GKE, "About cluster autoscaling", profile `balanced`. */
export const NODE_UNNEEDED_SECONDS = 600;
