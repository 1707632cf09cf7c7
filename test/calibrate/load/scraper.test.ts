import assert from "node:assert/strict";
import type { ServerSample } from "../../../tools/calibrate/contract";
import { Scraper } from "../../../tools/calibrate/load/scraper";
import { VirtualClock } from "./support";

/** What is scraped within ten seconds, when the n-th scrape takes so many seconds, or fails. */
async function scrape(seconds: (scrape: number) => number | "fails") {
  const clock = new VirtualClock();
  const samples: ServerSample[] = [];
  let scrapes = 0;
  let underWay = 0;
  let most = 0;
  const get = async () => {
    scrapes += 1;
    underWay += 1;
    most = Math.max(most, underWay);
    const taken = seconds(scrapes);
    if (taken !== "fails") await new Promise<void>((resolve) => clock.at(clock.now() + taken, resolve));
    underWay -= 1;
    if (taken === "fails") throw new Error("HTTP 500");
    return `tgi_queue_size ${scrapes}\n`;
  };
  const scraper = new Scraper(clock, get, (sample) => samples.push(sample));
  scraper.start();
  await clock.until(new Promise<void>((resolve) => clock.at(10, resolve)));
  scraper.stop();
  const before = scrapes;
  await clock.until(new Promise<void>((resolve) => clock.at(15, resolve)));
  assert.equal(scrapes, before, "it stops");
  return { samples, scrapes, most };
}

describe("scraping", () => {
  it("takes a sample a second, with the moment at which it came", async () => {
    const { samples } = await scrape(() => 0.25);
    assert.deepEqual(
      samples.map(({ at, queue }) => [at, queue]),
      Array.from({ length: 10 }, (_, index) => [index + 0.25, index + 1]),
    );
  });

  it("leaves out what fails or comes late, and goes on", async () => {
    const { samples } = await scrape((scrape) => (scrape === 2 ? "fails" : scrape === 3 ? 1.5 : 0.25));
    assert.deepEqual(
      samples.slice(0, 3).map(({ queue }) => queue),
      [1, 4, 5],
    );
  });

  it("asks a server in trouble one at a time", async () => {
    const { most, samples } = await scrape(() => 4);
    assert.deepEqual([most, samples.length], [1, 0]);
  });
});
