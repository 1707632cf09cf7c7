import assert from "node:assert/strict";
import { parseAddress } from "../../../tools/calibrate/load/address";
import { lastingFault, ServerFault } from "../../../tools/calibrate/load/faults";

describe("the address of a server", () => {
  for (const [text, origin, prefix] of [
    ["http://localhost:8000", "http://localhost:8000", ""],
    ["http://localhost:8000/", "http://localhost:8000", ""],
    ["https://llm.example.com/gemma/", "https://llm.example.com", "/gemma"],
    ["http://localhost:8000/v1", "http://localhost:8000", ""],
    ["http://[::1]:80/v1/", "http://[::1]", ""],
  ] as const) {
    it(`is understood: ${text}`, () => {
      assert.deepEqual(parseAddress(text), { origin, prefix, text: `${origin}${prefix}` });
    });
  }

  for (const text of ["", "localhost:8000", "8000", "ftp://localhost", "http://", "http://local host"]) {
    it(`is refused with the fix: ${JSON.stringify(text)}`, () => {
      assert.throws(
        () => parseAddress(text),
        (error) =>
          error instanceof ServerFault && error.code === "address" && /http:\/\/localhost:8000/.test(error.message),
      );
    });
  }

  it("is refused with a password in it, which the message does not repeat", () => {
    assert.throws(
      () => parseAddress("http://me:hunter2@localhost/?a=1#b"),
      (error) =>
        error instanceof ServerFault &&
        /a user and a query and a fragment/.test(error.message) &&
        !error.message.includes("hunter2"),
    );
  });
});

describe("a connection that fails for good", () => {
  const fault = (code: string) => lastingFault("http://there", Object.assign(new Error("failed"), { code }));
  for (const [code, kind, fix] of [
    ["ENOTFOUND", "unreachable", /kubectl port-forward/],
    ["ERR_SSL_WRONG_VERSION_NUMBER", "tls", /write http:\/\//],
    ["EPROTO", "tls", /write http:\/\//],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "tls", /NODE_EXTRA_CA_CERTS/],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "tls", /NODE_EXTRA_CA_CERTS/],
  ] as const) {
    it(`is named: ${code}`, () => {
      const found = fault(code);
      assert.equal(found?.code, kind);
      assert.match(found?.message ?? "", fix);
      assert.match(found?.message ?? "", new RegExp(code));
    });
  }

  it("is not one that may yet succeed", () => {
    for (const code of ["ECONNREFUSED", "ECONNRESET", "UND_ERR_SOCKET", "EAI_AGAIN"]) {
      assert.equal(fault(code), undefined, code);
    }
  });
});
