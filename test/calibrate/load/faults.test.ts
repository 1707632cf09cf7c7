import assert from "node:assert/strict";
import { lastingFault } from "../../../tools/calibrate/load/faults";

function faultOf(code: string) {
  return lastingFault("https://server", Object.assign(new Error("failed"), { code }));
}

describe("a connection that failed", () => {
  it("spoke to plain HTTP where OpenSSL could not read the answer", () => {
    for (const code of ["ERR_SSL_WRONG_VERSION_NUMBER", "ERR_SSL_PACKET_LENGTH_TOO_LONG", "EPROTO"]) {
      assert.match(faultOf(code)?.message ?? "", /speaks plain HTTP: write http:\/\//, code);
    }
  });

  it("did not where the answer was TLS's own refusal", () => {
    for (const code of ["ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE", "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION"]) {
      assert.equal(faultOf(code), undefined, code);
    }
    // A certificate of the client's, which it has none of.
    const { message = "" } = faultOf("ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED") ?? {};
    assert.doesNotMatch(message, /plain HTTP/);
  });
});
