import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { parseConfig } from "../config/parse";
import type { StackConfig } from "../config/stackConfig";

/** The stack `dev`, with some of its keys changed. */
export function devStack(set: Readonly<Record<string, string>> = {}): StackConfig {
  const { config: settings } = parse(readFileSync(join(__dirname, "..", "Pulumi.dev.yaml"), "utf8"));
  const own = Object.entries(set).map(([key, value]) => [`gke-llm-autoscaling:${key}`, value]);
  const raw = Object.entries({
    ...settings,
    "gcp:project": "bench-project",
    "gke-llm-autoscaling:huggingFaceToken": "token",
    ...Object.fromEntries(own),
  }).map(([key, value]) => [key, String(value)]);
  const { config } = parseConfig(Object.fromEntries(raw), "dev");
  if (config === undefined) throw new Error("the stack file is refused");
  return config;
}
