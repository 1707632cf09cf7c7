import assert from "node:assert/strict";
import { type DefaultTreeAdapterMap, parse, parseFragment } from "parse5";

export type Element = DefaultTreeAdapterMap["element"];
type Node = DefaultTreeAdapterMap["node"];

/** A page or a piece of one, which must be without any error of syntax. */
export function parsed(source: string): Node {
  const onParseError = ({ code, startLine, startCol }: { code: string; startLine: number; startCol: number }) =>
    assert.fail(`${code} in line ${startLine}, column ${startCol}`);
  return source.startsWith("<!doctype") ? parse(source, { onParseError }) : parseFragment(source, { onParseError });
}

/** All elements with a name, and a class where one is given, in the order of the document. */
export function all(node: Node, name: string, className?: string): readonly Element[] {
  const found = "childNodes" in node ? node.childNodes.flatMap((child) => all(child, name, className)) : [];
  const fits =
    "tagName" in node &&
    (name === "*" || node.tagName === name) &&
    (className === undefined || (attribute(node, "class") ?? "").split(" ").includes(className));
  return fits ? [node, ...found] : found;
}

/** The only one of its kind. */
export function one(node: Node, name: string, className?: string): Element {
  const [first, ...others] = all(node, name, className);
  assert.ok(
    first !== undefined && others.length === 0,
    `${others.length + (first ? 1 : 0)} × ${name} ${className ?? ""}`,
  );
  return first;
}

export function attribute(element: Element, name: string): string | undefined {
  return element.attrs.find((attr) => attr.name === name)?.value;
}

export function text(node: Node): string {
  if ("value" in node) return node.value;
  return "childNodes" in node ? node.childNodes.map(text).join("") : "";
}

/** The coordinates of a path of straight lines: of `M`, `L`, `H` and `V`, all absolute. */
export function coordinates(path: Element): readonly (readonly [x: number, y: number])[] {
  let [x, y] = [0, 0];
  return [...(attribute(path, "d") ?? "").matchAll(/([MLHV])([-\d.]+)(?:,([-\d.]+))?/g)].map(([, command, a, b]) => {
    if (command === "V") y = Number(a);
    else x = Number(a);
    if (b !== undefined) y = Number(b);
    return [x, y];
  });
}
