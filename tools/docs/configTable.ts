import { KEYS, type Key, keySpec } from "../../config/schema";
import { withGenerated } from "./generated";

/** The table of config keys, as Markdown. */
export function configTable(): string {
  const rows = (Object.keys(KEYS) as Key[]).map((key) => {
    const { parser, default: byDefault, meaning, secret } = keySpec(key);
    return `| \`${key}\` | ${secret ? "secret " : ""}${shorten(parser.type)} | ${byDefault} | ${meaning} |`;
  });
  return ["| key | type | default | meaning |", "|---|---|---|---|", ...rows].join("\n");
}

/** The machine types would fill a page: they are in `catalog/accelerators.ts`. */
function shorten(type: string): string {
  return type.length > 120 ? "a GPU machine type" : type;
}

/** The README with its table made anew. */
export function withConfigTable(document: string): string {
  return withGenerated(document, "config table", "npm run docs", configTable());
}
