/** Columns of the terminal that everything fits into. */
export const WIDTH = 80;

/**
 * Breaks a text at spaces so that it fits, every line but the first indented; of a text that has lines, each by itself.
 * A word that is longer than a line (a path, a JSON document) is broken too, after punctuation where that is possible.
 *
 * @param first what stands before the first line instead of the indentation.
 */
export function wrap(text: string, indent: string, first: string = indent): string {
  return text
    .split("\n")
    .map((line) => wrapLine(line, indent, first))
    .join("\n");
}

function wrapLine(text: string, indent: string, first: string): string {
  const lines: string[] = [];
  let line = first;
  for (const [index, word] of text.split(" ").entries()) {
    for (const [part, piece] of pieces(word, WIDTH - indent.length).entries()) {
      const space = index > 0 && part === 0 ? " " : "";
      if (line.length + space.length + piece.length <= WIDTH || line === first) {
        line += space + piece;
      } else {
        lines.push(line);
        line = indent + piece;
      }
    }
  }
  return [...lines, line].join("\n");
}

function pieces(word: string, room: number): readonly string[] {
  if (word.length <= room) return [word];
  const punctuation = word.slice(0, room).search(/[.,/:\]}][^.,/:\]}]*$/);
  const end = punctuation > 0 ? punctuation + 1 : room;
  return [word.slice(0, end), ...pieces(word.slice(end), room)];
}

/** A heading: bold where the terminal can. */
export function heading(text: string, color: boolean): string {
  return color ? `\u001b[1m${text}\u001b[0m` : text;
}
