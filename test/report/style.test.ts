import assert from "node:assert/strict";
import { STYLE } from "../../tools/report/html/style";

describe("the colours", () => {
  const themes = {
    light: STYLE.slice(0, STYLE.indexOf("@media screen")),
    dark: STYLE.slice(STYLE.indexOf("@media screen")),
  };
  const luminance = (hex: string) => {
    const digits = hex.length === 3 ? hex.replace(/./g, "$&$&") : hex;
    const [r = 0, g = 0, b = 0] = [0, 2, 4].map((at) => {
      const share = Number.parseInt(digits.slice(at, at + 2), 16) / 255;
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  for (const [theme, style] of Object.entries(themes)) {
    const color = (name: string) => new RegExp(`--${name}: #(\\w+)`).exec(style)?.[1] ?? assert.fail(name);
    const contrast = (a: string, b: string) => {
      const [low = 0, high = 0] = [luminance(color(a)), luminance(color(b))].sort((x, y) => x - y);
      return (high + 0.05) / (low + 0.05);
    };
    it(`are readable in the ${theme} theme`, () => {
      for (const ink of ["ink", "soft"]) assert.ok(contrast(ink, "paper") >= 4.5, ink);
      assert.ok(contrast("badge-ink", "badge") >= 4.5);
      for (const mark of ["blue", "orange", "green", "purple", "gray"]) assert.ok(contrast(mark, "paper") >= 3, mark);
    });
  }
});
