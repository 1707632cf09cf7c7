import { shapeMark } from "./drawMeasured";
import type { Layer } from "./layer";
import { type Content, type Html, html } from "./markup";

/** A small piece of a layer, for the key. */
export function swatch(layer: Layer): Html {
  return html`<svg class="swatch" width="26" height="12" aria-hidden="true">${marks(layer)}</svg>`;
}

function marks(layer: Layer): Content {
  switch (layer.kind) {
    case "line":
      return html`<path class="line ${layer.color} ${layer.dash ?? "solid"}" d="M0,6H26"/>`;
    case "area":
      return html`<path class="area ${layer.color}" d="M0,1H26V12H0Z"/>`;
    case "spread":
      return html`<path class="spread ${layer.color}" d="M0,1H26V11H0Z"/><path class="line ${layer.color}" d="M0,6H26"/>`;
    case "dots":
      return html`<circle class="dot ${layer.color}" cx="13" cy="6" r="3"/>`;
    case "measured":
      return html`<g transform="translate(13 6)">${shapeMark(layer.shape, layer.color)}</g>`;
    case "band":
      return html`<rect class="band" x="0" y="1" width="26" height="10"/>`;
    case "level":
      return html`<path class="level dashed" d="M0,6H26"/>`;
    case "vertical":
      return html`<path class="level dotted" d="M13,0V12"/>`;
    case "marker":
      return html`<circle class="ring" cx="13" cy="6" r="5"/>`;
  }
}
