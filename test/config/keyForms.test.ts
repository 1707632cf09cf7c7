import assert from "node:assert/strict";
import { isKey, keySpec } from "../../config/schema";

const ZONE = ["europe-west4-a", "us-central1-f", "northamerica-northeast1-c"];
const REGION = ["us-central1", "asia-southeast1", "me-west1"];
/** Beginnings and ends that Google's lower-case names do not allow. */
const BAD_NAMES = ["", "1abc", "-abc", "abc-", "Abc", "a_b", "a.b", "a b", "abc\n", "ä"];
const long = (length: number) => `a${"b".repeat(length - 1)}`;

interface Form {
  readonly good: readonly string[];
  readonly bad: readonly string[];
  readonly rule: string;
  /** Left out where the example need only be right. */
  readonly example?: string;
}

const resource = (example: string): Form => ({
  good: ["a", "a1", "a-b", "my-name", long(63)],
  bad: [...BAD_NAMES, long(64), "a/b"],
  rule: "must be a name: at most 63 lower-case letters, digits and hyphens, beginning with a letter",
  example,
});

const network = (example: string): Form => ({
  good: [
    "a",
    "my-vpc",
    long(63),
    "projects/host-1/global/networks/vpc",
    `projects/a.b:c/regions/us-east1/subnetworks/s-1`,
  ],
  bad: [
    ...BAD_NAMES,
    long(64),
    "a/b",
    "projects/a",
    "projects//networks/a",
    "xprojects/a/b/c",
    "projects/a/b/",
    "projects/A/b/c",
  ],
  rule: "must be a name or its path: at most 63 lower-case letters, digits and hyphens, beginning with a letter",
  example,
});

const project = (example: string): Form => ({
  good: ["abcdef", "my-project-1", long(30), "example.com:my-project", "my-org.co.uk:abcdef"],
  bad: [
    ...BAD_NAMES,
    "abcde",
    "abcde-",
    "1abcdef",
    long(31),
    "abc.def",
    ":abcdef",
    "example:abcdef",
    "x:example.com:abcdef",
  ],
  rule: "must be a project id: 6 to 30 lower-case letters, digits and hyphens, beginning with a letter",
  example,
});

const dnsLabel = (rule: string, example: string): Form => ({
  good: ["a", "1", "9a", "a-b", "llm", long(63)],
  bad: ["", "-a", "a-", "A", "a.b", "a_b", "a b", "a\n", long(64)],
  rule,
  example,
});

const FORMS: Readonly<Record<string, Form>> = {
  "gcp:project": project("my-project"),
  networkProject: project("my-host-project"),
  "gcp:region": {
    good: REGION,
    bad: [
      "",
      "us",
      "us-central",
      "uscentral1",
      "us-central1-a",
      "US-central1",
      "us-central1 ",
      "1us-central1",
      "us-1",
      "-west1",
    ],
    rule: "must be a region such as us-central1",
    example: "us-central1",
  },
  "gcp:zone": {
    good: ZONE,
    bad: [
      "",
      "us-central1",
      "us-central1-",
      "us-central1-ab",
      "us-central1-1",
      "us-central-a",
      "X-us-central1-a",
      "us-central1-A",
    ],
    rule: "must be a zone such as us-central1-a",
    example: "us-central1-a",
  },
  location: {
    good: [...ZONE, ...REGION, "us-central10-a"],
    bad: [
      "",
      "us",
      "us-central",
      "us-central1-",
      "us-central1-ab",
      "us-central1-a-b",
      "Us-central1",
      "us-central1 ",
      "us-1",
      "-west1",
    ],
    rule: "must be a region (us-central1) or a zone (us-central1-a)",
    example: "us-central1",
  },
  clusterName: {
    good: ["a", "llm-dev", "a1", long(40)],
    bad: [...BAD_NAMES, long(41)],
    rule: "must be a cluster name: at most 40 lower-case letters, digits and hyphens, beginning with a letter",
    example: "llm-dev",
  },
  network: network("my-vpc"),
  subnetwork: network("my-subnet"),
  podsRange: resource("pods"),
  servicesRange: resource("services"),
  reservation: resource("my-reservation"),
  nodeServiceAccount: {
    // The account id has 6 to 30 characters.
    good: ["abcdef@p.iam.gserviceaccount.com", `${long(30)}@my-project.example.com.iam.gserviceaccount.com`],
    bad: [
      "",
      "abcde@p.iam.gserviceaccount.com",
      `${long(31)}@p.iam.gserviceaccount.com`,
      "1abcdef@p.iam.gserviceaccount.com",
      "abcdef-@p.iam.gserviceaccount.com",
      "abcdef@iam.gserviceaccount.com",
      "abcdef@p.iam.gserviceaccount.com.evil",
      "abcdef@p.iamXgserviceaccount.com",
      "abcdef@pXiam.gserviceaccount.com",
      "abcdef@p.iam.gserviceaccountXcom",
      "abcdef@P.iam.gserviceaccount.com",
      "somebody@gmail.com",
    ],
    rule: "must be the e-mail address of a service account",
  },
  systemMachineType: {
    good: ["e2-standard-2", "n2d-highmem-16", "e2-medium"],
    bad: ["", "e2", "e2-", "-e2", "E2-standard-2", "e2-standard-2 ", " e2-standard-2", "e2_standard"],
    rule: "must be a machine type such as e2-standard-2",
    example: "e2-standard-2",
  },
  calibration: {
    good: [`sha256:${"0a".repeat(32)}`, `sha256:${"f".repeat(64)}`],
    bad: [
      "",
      "0a".repeat(32),
      `sha256:${"0a".repeat(31)}`,
      `sha256:${"0a".repeat(33)}`,
      `sha256:${"0A".repeat(32)}`,
      `sha256:${"0g".repeat(32)}`,
      `sha512:${"0a".repeat(32)}`,
      `xsha256:${"0a".repeat(32)}`,
      "out/dev/calibration.json",
    ],
    rule: "must be the digest of a calibration file: sha256: and 64 hexadecimal digits",
  },
  modelId: {
    good: ["google/gemma-2-2b-it", "meta-llama/Llama-3.1-8B_x", "9a/9b", "a/b"],
    bad: [
      "",
      "gemma",
      "google/",
      "/gemma",
      "google/gemma/2b",
      "-a/b",
      "a/-b",
      ".a/b",
      "a/.b",
      "a b/c",
      "a/b c",
      "a/b\n",
      "https://a/b",
    ],
    rule: "must be a Hugging Face model id such as google/gemma-2-2b-it",
    example: "google/gemma-2-2b-it",
  },
  serverImage: {
    good: [
      "ghcr.io/huggingface/text-generation-inference:3.3.7",
      "localhost:5000/tgi",
      "a/b",
      `us-docker.pkg.dev/p/r/tgi@sha256:${"0a".repeat(32)}`,
      `r.io/tgi:v1.0_x-y@sha256:${"f".repeat(64)}`,
      `r.io/tgi:${"t".repeat(128)}`,
      "r.io/a_b/c.d-e",
    ],
    bad: [
      "",
      "tgi",
      "tgi:latest",
      "r.io/",
      "r.io//tgi",
      "-r.io/tgi",
      ".r.io/tgi",
      "R.io/tgi",
      "r.io/Tgi",
      "r.io:x/tgi",
      "r.io:/tgi",
      "r.io/tgi:",
      "r.io/tgi:-x",
      "r.io/tgi:.x",
      "r.io/tgi:a b",
      `r.io/tgi:${"t".repeat(129)}`,
      "r.io/tgi@sha256:abc",
      `r.io/tgi@sha256:${"A".repeat(64)}`,
      `r.io/tgi@sha256:${"a".repeat(65)}`,
      `r.io/tgi@md5:${"a".repeat(64)}`,
      "https://r.io/tgi",
      " r.io/tgi",
    ],
    rule: "must be a container image with its registry, such as ghcr.io/huggingface/text-generation-inference:3.3.7",
    example: "ghcr.io/huggingface/text-generation-inference:3.3.7",
  },
  huggingFaceToken: {
    good: ["hf_abc", "!", "~", "x".repeat(256)],
    bad: ["", "hf abc", "hf_abc\n", "hf_\u007f", "hf_ä", " hf_abc", "x".repeat(257)],
    rule: "must be a token: printable characters without spaces",
    example: "hf_example",
  },
  huggingFaceSecret: {
    good: ["a", "1", "9a", "a-b", "a.b", "hf-secret", "x".repeat(253)],
    bad: ["", "-a", "a-", ".a", "a.", "A", "a_b", "a b", "a\n", "x".repeat(254)],
    rule: "must be the name of a Kubernetes Secret",
    example: "hf-secret",
  },
  namespace: dnsLabel("must be a namespace: at most 63 lower-case letters, digits and hyphens", "llm"),
};

describe("The text under a key has a form", () => {
  for (const [key, { good, bad, rule, example }] of Object.entries(FORMS)) {
    assert.ok(isKey(key));
    const { parser } = keySpec(key);
    it(`${key} takes ${good.length} samples as they are`, () => {
      for (const text of good) assert.deepEqual(parser.parse(text), { value: text }, text);
    });
    it(`${key} refuses ${bad.length} samples and says why`, () => {
      for (const text of bad) {
        assert.deepEqual(parser.parse(text), { complaints: [{ path: "", rule }] }, JSON.stringify(text));
      }
    });
    if (example !== undefined) {
      it(`${key} gives an example`, () => {
        assert.equal(parser.example, example);
      });
    }
  }
});
