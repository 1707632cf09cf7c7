/**
 * Text of unknown origin (names of stacks and files) as it may be shown: line breaks and tabs are spaces, and what a
 * terminal or a browser would obey instead of showing (escapes, changes of direction, lone surrogates) is replaced.
 */
export function plain(text: string): string {
  return text.replace(/[\t\r\n]+/g, " ").replace(/\p{C}/gu, "\ufffd");
}

const FORMAT = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });

/** A number for an axis or a label, in at most five or six characters: `0.25`, `120`, `1.5K`. */
export function short(value: number): string {
  return Number.isFinite(value) ? FORMAT.format(value) : "–";
}
