import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import Negotiator from 'negotiator';
import type { Exchange, HeaderName, Headers } from './exchange.js';
import { Problem } from './problem.js';

/** A file that is served as it is. */
export interface StaticFile {
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** By the endings of files' names. */
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};

/**
 * Reads the files of a folder, and none of the folders in it.
 *
 * @throws Error when the folder can't be read, or the type of a file in it is not known.
 */
export function readFolder(folder: URL): Map<string, StaticFile> {
  const entries = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(entries.map(({ name }) => [name, { type: typeOf(name), bytes: readFileSync(new URL(name, folder)) }]));
}

function typeOf(name: string): string {
  const type = TYPES[extname(name)];
  if (type === undefined) throw new Error(`${name} is of no type that is served`);
  return type;
}

/** The request headers that a route reads which replies with a static file. */
export const STATIC_FILE_HEADERS: readonly HeaderName[] = ['accept-encoding', 'if-none-match'];

type Encoding = 'br' | 'gzip' | 'identity';

/** What is smaller, or is an image, gains nothing worth the while. */
const COMPRESSIBLE = /^text\/|\+xml$/;
const COMPRESSED_BYTES_MIN = 1_024;

/** Of 11: the next steps take ten times as long for a tenth less. */
const BROTLI_QUALITY = 5;

/**
 * Files in memory, by name. Caches keep them and ask each time whether they are still the same. Each
 * is compressed when it is first asked for, off this thread: a megabyte takes about 50 ms.
 */
export class StaticFiles {
  readonly #files: ReadonlyMap<string, Served>;
  readonly #headers: Headers;

  /** @param headers of all replies, beside their own. */
  constructor(files: ReadonlyMap<string, StaticFile>, headers: Headers = {}) {
    this.#files = new Map([...files].map(([name, file]) => [name, new Served(file)]));
    this.#headers = { 'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'no-cache', Vary: 'Accept-Encoding', ...headers };
  }

  /** Replies with a file, or with 304 where the client has it; refuses what is none. The route has to read STATIC_FILE_HEADERS. */
  reply(exchange: Exchange, name: string): void {
    const file = this.#files.get(name);
    if (file === undefined) return exchange.refuse(new Problem('not-found', `there is no file ${name}`));
    const encoding = file.isCompressible ? encodingFor(exchange.header('accept-encoding')) : 'identity';
    const etag = `"${file.hash}-${encoding}"`;
    const headers = { ...this.#headers, ETag: etag };
    if (names(exchange.header('if-none-match'), etag)) return exchange.replyEmpty(304, headers);
    if (encoding === 'identity') return exchange.reply(200, file.type, file.bytes, headers);
    void file
      .compressed(encoding)
      .then((bytes) => exchange.reply(200, file.type, bytes, { ...headers, 'Content-Encoding': encoding }));
  }
}

/** A file, and its compressed forms as they come to be. */
class Served {
  readonly type: string;
  readonly bytes: Uint8Array;
  readonly hash: string;
  readonly isCompressible: boolean;
  readonly #compressed = new Map<Encoding, Promise<Uint8Array>>();

  constructor({ type, bytes }: StaticFile) {
    this.type = type;
    this.bytes = bytes;
    this.hash = createHash('sha256').update(bytes).digest('base64url').slice(0, 22);
    this.isCompressible = COMPRESSIBLE.test(type.split(';', 1)[0] as string) && bytes.length >= COMPRESSED_BYTES_MIN;
  }

  compressed(encoding: 'br' | 'gzip'): Promise<Uint8Array> {
    const known = this.#compressed.get(encoding);
    if (known !== undefined) return known;
    const compressing = COMPRESS[encoding](this.bytes);
    this.#compressed.set(encoding, compressing);
    return compressing;
  }
}

const COMPRESS = {
  br: (bytes: Uint8Array) => promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } }),
  gzip: (bytes: Uint8Array) => promisify(gzip)(bytes),
};

/** The smallest form that a client takes (RFC 9110, section 12.5.3). */
function encodingFor(accept: string): Encoding {
  const accepted = new Negotiator({ headers: { 'accept-encoding': accept } }).encodings(['br', 'gzip']);
  return accept === '' ? 'identity' : (ENCODINGS.find((encoding) => accepted.includes(encoding)) ?? 'identity');
}

/** The smallest first. */
const ENCODINGS = ['br', 'gzip'] as const;

/** Whether an If-None-Match header names a tag (RFC 9110, section 13.1.2). */
function names(ifNoneMatch: string, etag: string): boolean {
  return ifNoneMatch.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag);
}
