/** A tenth of a pixel is nothing that anybody sees. */
export function round(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}

/** A place across, which the browser turns into pixels. */
export function percent(share: number): string {
  return `${Math.round(share * 10000) / 100}%`;
}
