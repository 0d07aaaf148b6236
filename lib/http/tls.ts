import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';

/** Where a server finds what it proves itself with. Both files are PEM. */
export interface TlsFiles {
  /** The certificate, and after it those between it and a root. */
  readonly certFile: string;
  /** Its private key, not encrypted. */
  readonly keyFile: string;
}

/** What the files had, checked. */
export interface Identity {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** The certificate or the key can't be used. The message is one line for the person who gave the files. */
export class TlsError extends Error {
  override readonly name = 'TlsError';
}

export const MIN_VERSION = 'TLSv1.2';

/** @throws TlsError naming the file that can't be used, and why. */
export function readIdentity({ certFile, keyFile }: TlsFiles): Identity {
  const cert = read(certFile);
  const key = read(keyFile);
  if (!certificateOf(certFile, cert).checkPrivateKey(privateKeyOf(keyFile, key))) {
    throw new TlsError(`the key in ${keyFile} does not fit the certificate in ${certFile}`);
  }
  try {
    createSecureContext({ cert, key, minVersion: MIN_VERSION });
  } catch (error) {
    throw new TlsError(`TLS can't use the certificate in ${certFile}: ${(error as Error).message}`, { cause: error });
  }
  return { cert, key };
}

export function isSame(a: Identity, b: Identity): boolean {
  return a.cert.equals(b.cert) && a.key.equals(b.key);
}

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new TlsError(`can't read ${file}: ${(error as Error).message}`, { cause: error });
  }
}

function certificateOf(file: string, pem: Buffer): X509Certificate {
  try {
    // The class takes other forms than PEM, too; a server does not.
    if (pem.includes(PEM_CERTIFICATE)) return new X509Certificate(pem);
  } catch (error) {
    throw new TlsError(`the certificate in ${file} is damaged: ${(error as Error).message}`, { cause: error });
  }
  throw new TlsError(`${file} has no certificate in PEM form: no line "${PEM_CERTIFICATE}"`);
}

const PEM_CERTIFICATE = '-----BEGIN CERTIFICATE-----';

function privateKeyOf(file: string, pem: Buffer): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (error) {
    const fault = pem.includes('ENCRYPTED') ? 'is encrypted; the server needs it in the clear' : 'is no private key in PEM form';
    throw new TlsError(`${file} ${fault}`, { cause: error });
  }
}
