/** What Prometheus' own grammar finds in an expression. */
export interface ParsedQuery {
  /** Places where the text is not PromQL. */
  readonly errors: number;
  readonly selectors: readonly Selector[];
  /** Names of functions and aggregations. */
  readonly functions: readonly string[];
}

export interface Selector {
  readonly metric: string;
  /** Label, operator and value of each matcher. */
  readonly matchers: readonly (readonly [label: string, operator: string, value: string])[];
}

/** Parses with the grammar that Prometheus' own web interface uses (`@prometheus-io/lezer-promql`). */
export async function parseQuery(query: string): Promise<ParsedQuery> {
  const { parser } = await import("@prometheus-io/lezer-promql");
  const tree = parser.parse(query);
  let errors = 0;
  const selectors: { metric: string; matchers: [string, string, string][] }[] = [];
  const functions: string[] = [];
  tree.iterate({
    enter: ({ type, name, from, to, node }) => {
      const text = query.slice(from, to);
      if (type.isError) errors += 1;
      if (name === "VectorSelector") selectors.push({ metric: "", matchers: [] });
      const selector = selectors.at(-1);
      if (name === "Identifier" && node.parent?.name === "VectorSelector" && selector !== undefined) {
        selector.metric = text;
      }
      if (name === "UnquotedLabelMatcher") {
        const [, label = "", operator = "", value = ""] = /^(\w+)\s*(=~|!~|!=|=)\s*"(.*)"$/.exec(text) ?? [];
        selector?.matchers.push([label, operator, value]);
      }
      if (name === "FunctionIdentifier" || name === "AggregateOp") functions.push(text);
    },
  });
  return { errors, selectors, functions };
}
