import { durationOf } from "../../observability/alertRule";
import type { CapturedResource } from "./capture";
import type { GraphDiff, ResourceChange } from "./diff";
import type { Findings, Plan } from "./plan";
import { type ComponentResources, isInCluster, kindOf, labelOf } from "./resources";
import { heading, WIDTH, wrap } from "./text";

export interface RenderOptions {
  readonly color: boolean;
  /** Where the manifests were written. */
  readonly directory: string;
}

/** The plan for people: at most 80 columns, readable without colour. */
export function renderPlan(plan: Plan, { color, directory }: RenderOptions): string {
  const { config } = plan;
  const count = plan.components.reduce((sum, component) => sum + component.resources.length, 0);
  const section = sections(color);
  return [
    heading(`Plan of stack ${plan.stack}`, color),
    wrap(
      `${config.server.modelId} on GKE cluster ${config.cluster.name} (${config.location.name}, project ${config.project}), ` +
        `scaled on ${config.autoscaler.metrics.map((metric) => metric.strategy).join(" and ")}. Nothing was created or contacted.`,
      "  ",
    ),
    ...section(
      "In the cloud",
      tree(plan.components, (resource) => !isInCluster(resource)),
    ),
    ...section("In the cluster", tree(plan.components, isInCluster)),
    ...section(
      "Autoscaler",
      plan.autoscaler.sentences.map((sentence) => wrap(sentence, "  ")),
    ),
    ...section(
      "Alerts",
      plan.alerts.map((alert) =>
        wrap(alert.title, " ".repeat(19), `  ${durationOf(alert).padEnd(7)}${alert.severity.toLowerCase().padEnd(10)}`),
      ),
    ),
    ...section("Checks", checkLines(plan)),
    ...section("Warnings", warningLines(plan)),
    ...section(
      "Placeholders",
      plan.placeholders.map(({ key, why, command }) =>
        wrap(`${key} ${why}${command === null ? "" : ` Set it: ${command}`}`, "    ", "  ? "),
      ),
    ),
    "",
    wrap(`${count} resources; ${plan.manifests.length} manifests in ${directory}, in the order to apply them.`, ""),
  ].join("\n");
}

/**
 * What changes, and nothing of what stays: that is the plan's.
 *
 * @param against what the stack is held against, as people know it.
 */
export function renderChanges(
  { stack, manifests, brings }: Pick<Plan, "stack" | "manifests" | "brings">,
  diff: GraphDiff,
  { color, directory, against }: RenderOptions & { readonly against: string },
): string {
  const section = sections(color);
  return [
    heading(wrap(`Changes of stack ${stack} against ${against}`, ""), color),
    ...renderDiff(diff),
    ...(brings === undefined
      ? []
      : [
          ...section("Autoscaler", [
            ...brings.autoscaler.gone.map((sentence) => wrap(sentence, "    ", "  - ")),
            ...brings.autoscaler.come.map((sentence) => wrap(sentence, "    ", "  + ")),
          ]),
          ...section("Checks", checkLines(brings)),
          ...section("Warnings", warningLines(brings)),
        ]),
    "",
    wrap(`${manifests.length} manifests in ${directory}. Without --diff and --against: the whole plan.`, ""),
  ].join("\n");
}

/** A part of the text, which is left out where it is empty. */
function sections(color: boolean) {
  return (title: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : ["", heading(title, color), ...lines];
}

function checkLines({ checks }: Findings): readonly string[] {
  return checks.map(({ name, state, figures }) =>
    wrap(figures, " ".repeat(16), `  ${STATES[state]} ${name}`.padEnd(16)),
  );
}

function warningLines({ warnings }: Findings): readonly string[] {
  return warnings.map((warning) => wrap(warning, "    ", "  ! "));
}

/** Components and what they make, resources of one kind together. */
function tree(
  components: readonly ComponentResources[],
  belongs: (resource: CapturedResource) => boolean,
): readonly string[] {
  return components.flatMap((component) => {
    const byKind = new Map<string, string[]>();
    for (const resource of component.resources.filter(belongs)) {
      const kind = kindOf(resource.type).replace(/^kubernetes$/, "Provider");
      byKind.set(kind, [...(byKind.get(kind) ?? []), labelOf(resource)]);
    }
    if (byKind.size === 0) return [];
    const kinds = [...byKind].map(([kind, labels]) =>
      wrap(labels.join(", "), " ".repeat(29), `    ${kind}`.padEnd(29)),
    );
    return [`  ${component.name} (${component.className})`, ...kinds];
  });
}

const STATES = { ok: "ok", warning: "! ", skipped: "– " } as const;

const MARKS: Readonly<Record<ResourceChange["change"], string>> = {
  create: "+ create ",
  delete: "- delete ",
  replace: "± REPLACE",
  update: "~ update ",
  none: "  ignored",
  unknown: "? unknown",
};

function renderDiff(diff: GraphDiff): readonly string[] {
  if (diff.changes.length === 0) return ["  None."];
  const yes = (so: boolean) => (so ? "YES" : "no");
  return [
    ...[...diff.changes]
      .sort(observersLast)
      .flatMap((change) => [
        wrap(`${change.kind} ${change.label}`, " ".repeat(12), `  ${MARKS[change.change]} `),
        ...change.fields
          .slice(0, FIELDS_SHOWN)
          .flatMap((field) => renderField(field.path, field.before, field.after, field.effect)),
        ...(change.fields.length > FIELDS_SHOWN
          ? [`      … and ${change.fields.length - FIELDS_SHOWN} more fields: --json has them all`]
          : []),
        ...change.consequences.map((consequence) => wrap(consequence, "        ", "      → ")),
      ]),
    "",
    `  Server pods restart: ${yes(diff.podsRestart)}`,
    `  GPU pool replaced:   ${yes(diff.poolReplaced)}`,
    `  Cluster replaced:    ${yes(diff.clusterReplaced)}`,
  ];
}

/** What only watches follows from what it watches, and reads best after it. */
function observersLast(a: ResourceChange, b: ResourceChange): number {
  const watches = ({ kind }: ResourceChange) => Number(kind === "Dashboard" || kind === "AlertPolicy");
  return watches(a) - watches(b);
}

/** A document that changes everywhere would hide the other changes. */
const FIELDS_SHOWN = 8;
const LONGEST_VALUE = 160;
/** What an excerpt shows before the first difference. */
const LEAD = 40;

function renderField(path: string, before: string, after: string, effect: string): readonly string[] {
  const replaces = effect === "replace" ? " (replaces)" : "";
  const oneLine = `      ${path}: ${before} → ${after}${replaces}`;
  if (oneLine.length <= WIDTH) return [oneLine];
  return [
    wrap(`${path}:${replaces}`, "          ", "      "),
    wrap(excerpt(before, after), "          ", "        - "),
    wrap(excerpt(after, before), "          ", "        + "),
  ];
}

/** The part of a long value in which it differs from the other one. */
function excerpt(value: string, other: string): string {
  if (value.length <= LONGEST_VALUE) return value;
  let same = 0;
  while (same < value.length && value[same] === other[same]) same += 1;
  const begin = Math.min(Math.max(0, same - LEAD), value.length - LONGEST_VALUE);
  const end = begin + LONGEST_VALUE;
  return `${begin > 0 ? "…" : ""}${value.slice(begin, end)}${end < value.length ? "…" : ""}`;
}
