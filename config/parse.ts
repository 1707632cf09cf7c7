import { distance } from "fastest-levenshtein";
import { defaultTargetOfUnknownModel } from "../autoscaling/targets";
import { MODELS } from "../catalog/models";
import { buildStackConfig } from "./build";
import { formatProblem, type Problem, show } from "./problem";
import { checkConfig } from "./rules";
import { isKey, KEYS, type Key, keySpec, type Settings } from "./schema";
import type { StackConfig } from "./stackConfig";
import type { Verdict } from "./verdict";

/** The project's name in this repository, which is the namespace of our keys. A project made from it has its own. */
export const PROJECT_NAME = "gke-llm-autoscaling";

/** Raw config as Pulumi hands it to a program: full key (`namespace:key`) → text, JSON where it is structured. */
export type RawConfig = Readonly<Record<string, string>>;

export type ParsedConfig =
  | { readonly config: StackConfig; readonly verdict: Verdict }
  | { readonly config: undefined; readonly verdict: Verdict };

/**
 * Reads a stack's config: every value by its parser, then the rules between keys. Either there is a config and no
 * problem, or there are problems and no config.
 */
export function parseConfig(raw: RawConfig, stack: string, project: string = PROJECT_NAME): ParsedConfig {
  const { settings, problems } = readSettings(raw, project);
  const unread = new Set(problems.map((problem) => problem.keys[0]));
  const required = missingKeys(settings, unread);
  const config = buildStackConfig(settings, stack);
  const unreadable = new Set([...problems, ...required].map((problem) => problem.keys[0]));
  const verdict = checkConfig(config);
  const derived = verdict.problems.map((problem) => markDerived(problem, settings));
  const relations = [...checkKinds(settings), ...checkClusterName(config), ...required, ...derived].filter(
    (problem) => required.includes(problem) || !problem.keys.some((key) => unreadable.has(key)),
  );
  const all = distinct([...problems.map((problem) => withTarget(problem, config)), ...relations]);
  return all.length === 0
    ? { config, verdict: { ...verdict, problems: [] } }
    : { config: undefined, verdict: { ...verdict, problems: all } };
}

/** Targets are of a strategy: where one cannot be read, what would be taken without it is an example of that one. */
function withTarget(problem: Problem, { autoscaler }: StackConfig): Problem {
  if (problem.keys[0] !== "metricTarget") return problem;
  return { ...problem, fix: `pulumi config set metricTarget ${autoscaler.metrics[0].target}` };
}

/** A value that the user did not write is said to be the default, so that nobody looks for it in the stack file. */
function markDerived(problem: Problem, settings: Settings): Problem {
  const [key] = problem.keys;
  const isSet = isKey(key) && settings[key] !== undefined;
  return isSet || problem.value === undefined ? problem : { ...problem, value: `${problem.value} by default` };
}

function distinct(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((problem) => [formatProblem(problem), problem])).values()];
}

function readSettings(raw: RawConfig, project: string): { settings: Settings; problems: readonly Problem[] } {
  const settings: Partial<Record<Key, unknown>> = {};
  const problems: Problem[] = [];
  for (const [fullName, text] of Object.entries(raw)) {
    const name = fullName.startsWith(`${project}:`) ? fullName.slice(project.length + 1) : fullName;
    if (isKey(name) && (name.includes(":") || name !== fullName)) {
      const { parser, secret } = keySpec(name);
      const result = parser.parse(text);
      if ("value" in result) {
        settings[name] = result.value;
        continue;
      }
      for (const { path, rule } of result.complaints) {
        problems.push({
          keys: [name],
          value: secret ? "[secret]" : show(text),
          rule: path === "" ? rule : `${name}${path} ${rule}`,
          fix: fixFor(name, text),
        });
      }
    } else if (name !== fullName) {
      problems.push(unknownKey(name, text));
    }
  }
  return { settings: settings as Settings, problems };
}

/** The command that sets a key to something right, near to what it is where that can be said. */
function fixFor(name: Key, text = ""): string {
  const { parser, secret } = keySpec(name);
  if (secret) return `pulumi config set --secret ${name}`;
  const right = parser.nearest?.(text) ?? parser.example;
  return `pulumi config set ${name} ${/^[[{]/.test(right) ? `'${right}'` : right}`;
}

/** So many edits still make a typing error of a key, in a short one no more than half of it. */
const MOST_EDITS = 3;

function unknownKey(name: string, text: string): Problem {
  const nearest = nearestKey(name);
  const isSecret = nearest !== undefined && keySpec(nearest.key).secret === true;
  const meant = nearest?.isMeant === true ? nearest.key : undefined;
  const remove = `pulumi config rm ${/^[\w.-]+$/.test(name) ? name : show(name)}`;
  return {
    // A name of blanks alone would not be seen.
    keys: [name.trim() === "" ? show(name) : name],
    value: isSecret ? "[secret]" : show(text),
    rule: `there is no such key; the nearest is ${nearest?.key}`,
    fix: meant === undefined ? remove : `${remove}, then ${setting(meant, text)}`,
  };
}

/** The command that sets a key to a value that stood under another name, where that is right and a word to a shell. */
function setting(key: Key, text: string): string {
  const { parser, secret } = keySpec(key);
  const isRight = !secret && /^[\w./:-]+$/.test(text) && "value" in parser.parse(text);
  return isRight ? `pulumi config set ${key} ${text}` : fixFor(key, text);
}

function nearestKey(name: string): { readonly key: Key; readonly isMeant: boolean } | undefined {
  const wanted = name.toLowerCase();
  const [nearest] = Object.keys(KEYS)
    .filter(isKey)
    .filter((key) => !key.includes(":"))
    .map((key) => ({ key, edits: distance(key.toLowerCase(), wanted) }))
    .sort((a, b) => a.edits - b.edits);
  return nearest && { key: nearest.key, isMeant: nearest.edits <= Math.min(MOST_EDITS, name.length / 2) };
}

/** Keys that nothing can stand in for, and that are not there; one that cannot be read is. */
function missingKeys(settings: Settings, unread: ReadonlySet<string>): readonly Problem[] {
  const problems: Problem[] = [];
  const need = (key: Key, missing: boolean, rule: string, fix = fixFor(key)) => {
    if (missing) problems.push({ keys: [key], rule, fix });
  };
  const lacks = (...keys: Key[]) => keys.every((key) => settings[key] === undefined && !unread.has(key));
  need(
    "gcp:project",
    lacks("gcp:project"),
    "the stack must know its Google Cloud project",
    "pulumi config set gcp:project PROJECT_ID",
  );
  need("location", lacks("location", "gcp:zone", "gcp:region"), "the stack must know where to live");
  need(
    "huggingFaceToken",
    lacks("huggingFaceToken", "huggingFaceSecret"),
    "the server cannot download Gemma without a token",
    "pulumi config set --secret huggingFaceToken (it asks for the value), or huggingFaceSecret",
  );
  need(
    "metricTarget",
    settings.calibration !== undefined && lacks("metricTarget"),
    "`calibration` stands for a target that was measured",
    "npm run calibrate -- --write sets both; or pulumi config rm calibration",
  );
  const { modelId } = settings;
  if (modelId !== undefined && !MODELS.has(modelId)) {
    const rule = `is required for a model outside the catalogue (${modelId})`;
    for (const key of ["gpusPerReplica", "serverMemory", "serverDisk"] as const) need(key, lacks(key), rule);
    const strategy = settings.metricStrategy ?? "queue-size";
    const target = defaultTargetOfUnknownModel(strategy);
    need("metricTarget", lacks("metricTarget") && target === undefined, `${rule} on ${strategy}`);
  }
  return problems;
}

/** Keys that exclude or demand each other. */
function checkKinds(settings: Settings): readonly Problem[] {
  const problems: Problem[] = [];
  const isSet = (key: Key) => settings[key] !== undefined;
  if (settings.cluster === "existing") {
    for (const key of Object.keys(KEYS).filter(isKey)) {
      if (keySpec(key).creationOnly && isSet(key)) {
        problems.push({
          keys: [key, "cluster"],
          value: show(String(settings[key])),
          rule: "it is part of creating a cluster, and `cluster` is existing",
          fix: `pulumi config rm ${key}`,
        });
      }
    }
    if (!isSet("clusterName")) {
      problems.push({
        keys: ["clusterName", "cluster"],
        rule: "an existing cluster must be named",
        fix: "pulumi config set clusterName NAME",
      });
    }
  }
  const network = ["network", "subnetwork", "podsRange", "servicesRange"] as const;
  const missing = network.filter((key) => !isSet(key));
  for (const key of missing) {
    if (missing.length < network.length || isSet("networkProject")) {
      problems.push({
        keys: [key, ...network],
        rule: "an existing network needs network, subnetwork, podsRange and servicesRange together",
        fix: fixFor(key),
      });
    }
  }
  if (isSet("huggingFaceToken") && isSet("huggingFaceSecret")) {
    problems.push({
      keys: ["huggingFaceSecret", "huggingFaceToken"],
      value: show(String(settings.huggingFaceSecret)),
      rule: "the token comes from huggingFaceToken or from an existing Secret, not from both",
      fix: "pulumi config rm huggingFaceToken",
    });
  }
  return problems;
}

/** The default name is made of the stack's, which Pulumi allows to be longer and freer than a cluster's. */
function checkClusterName({ cluster }: StackConfig): readonly Problem[] {
  const result = KEYS.clusterName.parser.parse(cluster.name);
  if ("value" in result) return [];
  return result.complaints.map(({ rule }) => ({
    keys: ["clusterName"],
    value: show(cluster.name),
    rule: `the default, made of the stack's name, ${rule}`,
    fix: fixFor("clusterName"),
  }));
}
