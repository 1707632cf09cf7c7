/** What a person can mend: the message says what was seen, the rule and the fix. */
export class Unusable extends Error {
  override readonly name = "Unusable";
}
