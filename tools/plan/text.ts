/** Columns of the terminal that everything fits into. */
export const WIDTH = 80;

/**
 * Breaks a text at spaces so that it fits, every line indented; what is longer than a line stays in one piece.
 *
 * @param first what stands before the first line instead of the indentation.
 */
export function wrap(text: string, indent: string, first: string = indent): string {
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const word of text.split(" ")) {
    if (!empty && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = indent + word;
    } else {
      line += empty ? word : ` ${word}`;
    }
    empty = false;
  }
  return [...lines, line].join("\n");
}

/** A heading: bold where the terminal can. */
export function heading(text: string, color: boolean): string {
  return color ? `\u001b[1m${text}\u001b[0m` : text;
}
