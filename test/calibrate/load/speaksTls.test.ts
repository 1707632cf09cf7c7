import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer as createTcpServer, type Server } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { close } from "../../../standins/loopback";
import { speaksTls } from "../../../tools/calibrate/load/speaksTls";

/** What is found at a server; undefined where this machine has no such address. */
async function foundAt(server: Server, host: "127.0.0.1" | "::1"): Promise<boolean | undefined> {
  try {
    await once(server.listen(0, host), "listening");
  } catch {
    return undefined;
  }
  const { port } = server.address() as AddressInfo;
  try {
    return await speaksTls(`http://${host === "::1" ? "[::1]" : host}:${port}`);
  } finally {
    await close(server);
  }
}

describe("whether TLS answers at an address", () => {
  for (const host of ["127.0.0.1", "::1"] as const) {
    // A server without a certificate refuses every handshake, in TLS's own words.
    it(`is found out at ${host}`, async function () {
      const found = await foundAt(createTlsServer({}), host);
      if (found === undefined) this.skip();
      assert.equal(found, true);
    });

    it(`is not so where something else does, at ${host}`, async function () {
      const found = await foundAt(
        createTcpServer((socket) => socket.resume().end("HTTP/1.1 400 Bad Request\r\n\r\n")),
        host,
      );
      if (found === undefined) this.skip();
      assert.equal(found, false);
    });
  }

  it("is not so where the connection is closed without a word", async () => {
    assert.equal(
      await foundAt(
        createTcpServer((socket) => socket.destroy()),
        "127.0.0.1",
      ),
      false,
    );
  });
});
