import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { parseAllDocuments } from "yaml";
import { TGI } from "../../../catalog/tgi";
import { InClusterError, type InClusterInput, inClusterJob } from "../../../tools/calibrate/export/inClusterJob";
import { validateKubernetesObject } from "../../support/kubernetesSchema";

const input: InClusterInput = {
  namespace: "llm",
  bundle: `console.log("ü");\n`.repeat(100),
  args: ["--stack", "dev", "--slo-ttft", "$(rm -rf /); 'x'"],
  files: { "Pulumi.dev.yaml": "config: {}\n", "Pulumi.yaml": "name: x\n" },
  deadlineSeconds: 1800.5,
};
function objectsOf(changes: Partial<InClusterInput> = {}) {
  const [configMap, job, ...others] = parseAllDocuments(inClusterJob({ ...input, ...changes })).map((document) => {
    assert.deepEqual(document.errors, []);
    return document.toJS();
  });
  assert.equal(others.length, 0);
  return { configMap, job, pod: job.spec.template.spec, container: job.spec.template.spec.containers[0] };
}

describe("the load test inside the cluster", () => {
  const { configMap, job, pod, container } = objectsOf();

  it("is what Kubernetes takes", () => {
    for (const object of [configMap, job, objectsOf({ files: undefined }).configMap]) {
      assert.deepEqual(validateKubernetesObject(object), []);
      assert.equal(object.metadata.namespace, "llm");
    }
    assert.deepEqual([configMap.kind, job.kind], ["ConfigMap", "Job"]);
  });

  it("carries the command whole, and the files beside which it runs", () => {
    const packed = Buffer.from(configMap.binaryData["calibrate.cjs.gz"], "base64");
    assert.equal(gunzipSync(packed).toString(), input.bundle);
    assert.deepEqual(configMap.data, input.files);
    assert.deepEqual(pod.volumes[0], { name: "command", configMap: { name: configMap.metadata.name } });
    const [{ mountPath }] = container.volumeMounts;
    assert.equal(container.workingDir, mountPath);
    assert.ok(container.command[2].includes(`gzip -dc ${mountPath}/calibrate.cjs.gz`));
  });

  it("hands arguments over as they are, none of them to the shell", () => {
    assert.deepEqual(container.args.slice(0, 4), input.args);
    assert.deepEqual(container.args.slice(4), ["--url", "http://llm-service.llm:8000", "--json"]);
    assert.ok(!container.command.join(" ").includes("rm -rf"));
    assert.match(container.command[2], /exec node \S+ "\$@"$/);
  });

  it("runs once, ends, and may do nothing else", () => {
    assert.equal(job.spec.backoffLimit, 0);
    assert.equal(job.spec.activeDeadlineSeconds, 1801);
    assert.ok(job.spec.ttlSecondsAfterFinished > 0);
    assert.equal(pod.restartPolicy, "Never");
    assert.equal(pod.automountServiceAccountToken, false);
    assert.equal(pod.securityContext.runAsNonRoot, true);
    assert.deepEqual(pod.securityContext.seccompProfile, { type: "RuntimeDefault" });
    assert.deepEqual(container.securityContext, {
      ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
      capabilities: { drop: ["ALL"] },
    });
    assert.deepEqual(Object.keys(container.resources.limits), ["cpu", "memory", "ephemeral-storage"]);
  });

  it("gets no requests of the server's Service itself, and no GPU", () => {
    for (const [key, value] of Object.entries(TGI.podLabels)) {
      assert.notEqual(job.spec.template.metadata.labels[key], value);
    }
    assert.equal(pod.tolerations, undefined);
  });

  it("says how to hold the fleet at one server, and how to give it back", () => {
    const text = inClusterJob(input);
    assert.match(text, /^# A load test of ONE server/);
    assert.match(text, /patch hpa gemma-hpa --type merge -p '\{"spec":\{"minReplicas":1,"maxReplicas":1\}\}'/);
    assert.match(text, /kubectl -n llm logs --follow job\/tgi-calibrate/);
    assert.match(text, /pulumi up --refresh/);
  });

  it("is refused where a ConfigMap cannot hold it", () => {
    const random = randomBytes(1024 * 1024).toString("base64");
    assert.throws(() => objectsOf({ bundle: random }), InClusterError);
    assert.throws(() => objectsOf({ files: { big: "x".repeat(1024 * 1024) } }), /at most 1048576/);
    for (const name of ["a/b", "..", "..data", "", "calibrate.cjs.gz"]) {
      assert.throws(() => objectsOf({ files: { [name]: "x" } }), /No names for files/, name);
    }
    assert.doesNotThrow(() => objectsOf({ files: { ".env": "x" } }));
  });
});
