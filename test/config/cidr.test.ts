import assert from "node:assert/strict";
import { isCidr } from "../../config/cidr";

describe("An IPv4 range", () => {
  const good = [
    "0.0.0.0/0",
    "128.0.0.0/1",
    "10.0.0.0/8",
    "10.0.0.0/9",
    "203.0.113.0/24",
    "203.0.113.0/25",
    "203.0.113.128/25",
    "203.0.113.4/30",
    "203.0.113.6/31",
    "203.0.113.7/32",
    "255.255.255.255/32",
  ];
  for (const range of good) {
    it(`can be ${range}`, () => {
      assert.equal(isCidr(range), true);
    });
  }

  const bad: Readonly<Record<string, string>> = {
    "": "empty",
    "203.0.113.0": "without a prefix",
    "203.0.113.0/": "with an empty prefix",
    "/24": "without an address",
    "203.0.113.0/24/24": "with two prefixes",
    "203.0.113.0/33": "beyond 32 bits",
    "0.0.0.0/40": "far beyond 32 bits",
    "0.0.0.0/-1": "with a negative prefix",
    "0.0.0.0/08": "with a leading zero in the prefix",
    "203.0.113.0/24x": "with something behind the prefix",
    "203.0.113.0/x24": "with something before the prefix",
    "203.0.113.0/100": "with a prefix of three digits",
    "203.0.113.256/32": "with an octet above 255",
    "203.0.113/24": "with three octets",
    " 203.0.113.0/24": "with a space",
    "2001:db8::/32": "of IPv6",
    // Host bits: 1 in the last octet, 128 where the prefix leaves 7 bits, 64 in the second octet of a /9.
    "203.0.113.1/24": "with a host bit set",
    "203.0.113.128/24": "with the first host bit set",
    "203.0.113.5/31": "with the last host bit set",
    "10.64.0.0/9": "with a host bit in another octet",
    "1.0.0.0/7": "with the last bit of the first octet set",
    "64.0.0.0/1": "with a bit behind the first",
    "1.0.0.0/0": "of everything, with a bit set",
  };
  for (const [range, what] of Object.entries(bad)) {
    it(`cannot be ${what} (${JSON.stringify(range)})`, () => {
      assert.equal(isCidr(range), false);
    });
  }
});
