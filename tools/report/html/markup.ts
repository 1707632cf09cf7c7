import { escapeUTF8 } from "entities";
import { plain } from "../text";

/** Markup that is safe to be part of a page. Only `html` and `trusted` make it, so that no text gets in unescaped. */
export class Html {
  constructor(readonly source: string) {}
}

export type Content = Html | string | number | undefined | readonly Content[];

/**
 * Markup from a template. Texts are escaped, for elements as well as for quoted values of attributes: values of
 * attributes must stand in double quotes.
 */
export function html(parts: TemplateStringsArray, ...contents: readonly Content[]): Html {
  return new Html(parts.map((part, index) => (index === 0 ? part : sourceOf(contents[index - 1]) + part)).join(""));
}

/** Markup as it is: for our own constants, never for text from outside. */
export function trusted(source: string): Html {
  return new Html(source);
}

function sourceOf(content: Content): string {
  if (content === undefined) return "";
  if (content instanceof Html) return content.source;
  if (typeof content === "object") return content.map(sourceOf).join("");
  return escapeUTF8(plain(String(content)));
}
