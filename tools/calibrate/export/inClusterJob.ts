import { gzipSync } from "node:zlib";
import { stringify } from "yaml";
import { TGI } from "../../../catalog/tgi";

/** What a load test inside the cluster is made of. */
export interface InClusterInput {
  /** The server's namespace. */
  readonly namespace: string;
  /** The calibrate command as one CommonJS file that needs nothing but Node. */
  readonly bundle: string;
  /** Its arguments, without the server's address. They are handed over as they are: no shell reads them. */
  readonly args: readonly string[];
  /** Files beside which the command runs, by name, such as the stack file. */
  readonly files?: Readonly<Record<string, string>> | undefined;
  /** After so many seconds Kubernetes ends it, whatever it does. */
  readonly deadlineSeconds: number;
}

/** What cannot be put into a cluster: the message says why. */
export class InClusterError extends Error {
  override readonly name = "InClusterError";
}

const NAME = "tgi-calibrate";
/** Small, and it has gzip and a shell. The user `node` is 1000. Source: nodejs/docker-node, 22/bookworm-slim. */
const IMAGE = "node:22-bookworm-slim";
const NODE_USER = 1000;
const FOLDER = "/calibrate";
const BUNDLE = "calibrate.cjs.gz";
/** All values of a ConfigMap together. Source: Kubernetes, `MaxSecretSize` in pkg/apis/core, for ConfigMaps as well. */
const MAX_BYTES = 1024 * 1024;
const KEY = /^[-._a-zA-Z0-9]{1,253}$/;
/** Long enough to read the log the next morning. */
const KEPT_SECONDS = 24 * 3600;

/** The address of the server inside the cluster. */
export function serviceUrl(namespace: string): string {
  return `http://${TGI.serviceName}.${namespace}:${TGI.port}`;
}

/**
 * A ConfigMap with the command and a Job that runs it beside the server, as YAML with comments on how to use it. Nothing
 * is fetched but a public Node image.
 *
 * @throws InClusterError when the command and its files are larger than a ConfigMap may be, or a file's name is none.
 */
export function inClusterJob(input: InClusterInput): string {
  const objects = [configMap(input), job(input)];
  return comments(input.namespace) + objects.map((object) => stringify(object, { lineWidth: 0 })).join("---\n");
}

const LABELS = { "app.kubernetes.io/name": NAME };

function configMap({ namespace, bundle, files = {} }: InClusterInput) {
  const packed = gzipSync(bundle, { level: 9 });
  const bytes = Object.values(files).reduce((sum, text) => sum + Buffer.byteLength(text), packed.length);
  if (bytes > MAX_BYTES) {
    throw new InClusterError(`The command and its files are ${bytes} bytes; a ConfigMap holds at most ${MAX_BYTES}.`);
  }
  const unnamable = Object.keys(files).filter((name) => !KEY.test(name) || name === BUNDLE || /^\.$|^\.\./.test(name));
  if (unnamable.length > 0) {
    throw new InClusterError(`No names for files of a ConfigMap: ${unnamable.map((name) => JSON.stringify(name))}.`);
  }
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: NAME, namespace, labels: LABELS },
    ...(Object.keys(files).length === 0 ? {} : { data: files }),
    binaryData: { [BUNDLE]: packed.toString("base64") },
  };
}

function job({ namespace, args, deadlineSeconds }: InClusterInput) {
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: NAME, namespace, labels: LABELS },
    spec: {
      // A second run would be a second load test, of a server that has just been through one.
      backoffLimit: 0,
      activeDeadlineSeconds: Math.ceil(deadlineSeconds),
      ttlSecondsAfterFinished: KEPT_SECONDS,
      template: {
        metadata: {
          labels: LABELS,
          annotations: { "cluster-autoscaler.kubernetes.io/safe-to-evict": "false" },
        },
        spec: podSpec([...args, "--url", serviceUrl(namespace), "--json"]),
      },
    },
  };
}

function podSpec(args: readonly string[]) {
  return {
    restartPolicy: "Never",
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: {
      ...{ runAsNonRoot: true, runAsUser: NODE_USER, runAsGroup: NODE_USER },
      seccompProfile: { type: "RuntimeDefault" },
    },
    containers: [
      {
        name: "calibrate",
        image: IMAGE,
        workingDir: FOLDER,
        // What follows the script is $0, and then the arguments.
        command: [
          "/bin/sh",
          "-c",
          `gzip -dc ${FOLDER}/${BUNDLE} > /tmp/calibrate.cjs && exec node /tmp/calibrate.cjs "$@"`,
          "calibrate",
        ],
        args,
        env: [
          { name: "CI", value: "true" },
          { name: "HOME", value: "/tmp" },
        ],
        // A client that waits for a CPU measures itself: Node uses one, and some for its garbage collector.
        resources: {
          requests: { cpu: "1500m", memory: "512Mi", "ephemeral-storage": "100Mi" },
          limits: { cpu: "2", memory: "512Mi", "ephemeral-storage": "200Mi" },
        },
        securityContext: {
          ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
          capabilities: { drop: ["ALL"] },
        },
        volumeMounts: [
          { name: "command", mountPath: FOLDER, readOnly: true },
          { name: "tmp", mountPath: "/tmp" },
        ],
      },
    ],
    volumes: [
      { name: "command", configMap: { name: NAME } },
      { name: "tmp", emptyDir: { sizeLimit: "100Mi" } },
    ],
  };
}

/**
 * How to use the Job, line by line.
 *
 * @param file where it is.
 */
export function inClusterSteps(namespace: string, file: string): readonly string[] {
  const kubectl = `kubectl -n ${namespace}`;
  return [
    "A load test of ONE server, from inside the cluster.",
    "",
    "1. Keep everybody else's requests away: they would be measured as well.",
    "2. The Service spreads requests over all replicas, and the HPA would add some:",
    "   hold it at one, and wait until there is one (Kubernetes takes servers away",
    "   after five quiet minutes).",
    `     ${kubectl} patch hpa ${TGI.hpaName} --type merge -p '{"spec":{"minReplicas":1,"maxReplicas":1}}'`,
    `     ${kubectl} get deployment ${TGI.deploymentName} --watch`,
    "3. Run it. Not with a plain kubectl apply: the command is larger than the",
    "   annotation in which that keeps a copy.",
    `     kubectl create -f ${file}`,
    `     ${kubectl} logs --follow job/${NAME} | sed -n '/^{/,$p' > report.json`,
    "     jq -r .calibrationFile report.json > calibration.json",
    "   The stack file's lines:",
    "     jq -r '.stackFile[]' report.json",
    "4. Give the HPA back what the stack file says, and take the rest away.",
    "     pulumi up --refresh",
    `     kubectl delete -f ${file}`,
  ];
}

function comments(namespace: string): string {
  return inClusterSteps(namespace, "FILE")
    .map((line) => `${`# ${line}`.trimEnd()}\n`)
    .join("");
}
