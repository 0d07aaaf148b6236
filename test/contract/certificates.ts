import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { ROOT } from '../node-process.js';

const FOLDER = join(ROOT, 'test', 'contract', 'certificates');

/** Two certificates for 127.0.0.1 and localhost: what their files are called, and the names in them. */
export type CertificateName = 'first' | 'second';

export const certFile = (name: CertificateName) => join(FOLDER, `${name}.pem`);
export const keyFile = (name: CertificateName) => join(FOLDER, `${name}.key`);

/** What a client trusts that is to accept both. */
export const CERTIFICATES = [readFileSync(certFile('first')), readFileSync(certFile('second'))];

/** What a transport takes, with a certificate that stays. */
export const TLS_FILES = { certFile: certFile('first'), keyFile: keyFile('first') };

/** The same as options of a server. */
export const SECURE = { tlsCert: certFile('first'), tlsKey: keyFile('first') };

/** A certificate and its key in files that a test may replace while a server uses them. */
export class CertificateFiles {
  readonly tlsCert: string;
  readonly tlsKey: string;
  /** Beside them. */
  readonly db: string;

  constructor(t: Test) {
    const folder = t.testdir({});
    this.tlsCert = join(folder, 'cert.pem');
    this.tlsKey = join(folder, 'key.pem');
    this.db = join(folder, 'numbers.db');
    this.become('first');
  }

  /** The options of a server that uses them. */
  get options(): { readonly tlsCert: string; readonly tlsKey: string; readonly db: string } {
    return { tlsCert: this.tlsCert, tlsKey: this.tlsKey, db: this.db };
  }

  become(cert: CertificateName, key: CertificateName = cert): void {
    copyFileSync(certFile(cert), this.tlsCert);
    copyFileSync(keyFile(key), this.tlsKey);
  }
}
