import "reflect-metadata";
import { randomBytes, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

/** A key pair and its certificate, as PEM. */
export interface Identity {
  readonly certificate: string;
  readonly key: string;
}

/** What a certificate is for: Kubernetes reads a client's user from the common name, its groups from organizations. */
export interface Subject {
  readonly commonName: string;
  readonly organizations?: readonly string[];
  /** DNS names and addresses under which a server answers; none for a client. */
  readonly hosts?: readonly string[];
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
/** Runs last minutes; clocks may differ by some. */
const VALID_MS = 24 * 3600 * 1000;

x509.cryptoProvider.set(webcrypto);

/** A certificate authority for one run, kept in memory. */
export class Authority {
  private constructor(
    private readonly keys: webcrypto.CryptoKeyPair,
    private readonly own: x509.X509Certificate,
  ) {}

  static async create(commonName: string): Promise<Authority> {
    const keys = await newKeys();
    const own = await x509.X509CertificateGenerator.createSelfSigned({
      ...validity(),
      serialNumber: serial(),
      name: new x509.Name([{ CN: [commonName] }]),
      keys,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new x509.BasicConstraintsExtension(true, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.digitalSignature, true),
      ],
    });
    return new Authority(keys, own);
  }

  get certificate(): string {
    return this.own.toString("pem");
  }

  /** The authority's private key: the API server signs service account tokens with one. */
  key(): Promise<string> {
    return exportKey(this.keys.privateKey);
  }

  async issue({ commonName, organizations = [], hosts = [] }: Subject): Promise<Identity> {
    const keys = await newKeys();
    const isAddress = (host: string) => /^[\d.:]+$/.test(host);
    const certificate = await x509.X509CertificateGenerator.create({
      ...validity(),
      serialNumber: serial(),
      subject: new x509.Name([...organizations.map((name) => ({ O: [name] })), { CN: [commonName] }]),
      issuer: this.own.subjectName,
      publicKey: keys.publicKey,
      signingKey: this.keys.privateKey,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new x509.ExtendedKeyUsageExtension(
          hosts.length > 0
            ? [x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]
            : [x509.ExtendedKeyUsage.clientAuth],
        ),
        ...(hosts.length === 0
          ? []
          : [
              new x509.SubjectAlternativeNameExtension(
                hosts.map((value) => ({ type: isAddress(value) ? ("ip" as const) : ("dns" as const), value })),
              ),
            ]),
      ],
    });
    return { certificate: certificate.toString("pem"), key: await exportKey(keys.privateKey) };
  }
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]) as Promise<webcrypto.CryptoKeyPair>;
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY");
}

function validity(): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  return { notBefore: new Date(now - VALID_MS), notAfter: new Date(now + VALID_MS) };
}

function serial(): string {
  return randomBytes(8).toString("hex");
}
