import { chmodSync, closeSync, lstatSync, mkdtempSync, openSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { basename, dirname, join } from 'node:path';
import { NodeTransport } from './node-transport.js';
import type { Route } from './route.js';
import type { OnFault } from './transport.js';

/** What a socket's path may have in bytes, on the systems where that is least. */
const PATH_BYTES_MAX = 103;

/**
 * A socket in the file system, beside the database: routes for the user of the system that the server
 * runs as, who can write the file. The system lets nobody else connect, but root.
 */
export class ControlSocket {
  readonly #transport: NodeTransport;
  #path: string | undefined;

  constructor(routes: readonly Route[], onFault?: OnFault) {
    this.#transport = new NodeTransport({ routes, onFault });
  }

  /**
   * Starts to listen. Only for who has the database's lock: a socket that is there was left by one
   * who was killed.
   *
   * @returns why that is impossible on this system, if it is.
   */
  async listen(db: string): Promise<string | undefined> {
    if (process.platform === 'win32') return 'there are no sockets in the file system';
    try {
      const path = pathOf(db);
      if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() === false) return `${path} is there, and no socket`;
      await this.#listenAt(path);
      this.#path = path;
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  }

  /** It comes to be in a folder that nobody else can look into, so that at no time anybody could connect. */
  async #listenAt(path: string): Promise<void> {
    const folder = mkdtempSync(`${path}-`);
    const made = join(folder, 'socket');
    const name = nameOf(made);
    try {
      await this.#transport.listenAt(name.path);
      chmodSync(made, OWNER_ONLY);
      renameSync(made, path);
    } finally {
      name.release();
      rmSync(folder, { recursive: true });
    }
  }

  close(): void {
    this.#transport.stopListening();
    this.#transport.close();
    if (this.#path !== undefined) rmSync(this.#path, { force: true });
    this.#path = undefined;
  }
}

const OWNER_ONLY = 0o600;

/** What a socket can be called by. */
interface Name {
  readonly path: string;
  /** To be called when it is not used any more. */
  release(): void;
}

/** The path itself; or, where that is too long, a shorter one of the same file, which Linux has for an open directory. */
function nameOf(path: string): Name {
  if (Buffer.byteLength(path) <= PATH_BYTES_MAX || process.platform !== 'linux') return { path, release: () => undefined };
  const directory = openSync(dirname(path), 'r');
  return { path: `/proc/self/fd/${directory}/${basename(path)}`, release: () => closeSync(directory) };
}

/** The one name of the socket, by whatever name the file is called. */
function pathOf(db: string): string {
  return `${realpathSync(db)}-control`;
}

export interface ControlReply {
  readonly status: number;
  readonly body: string;
}

/** The server that has the file can't be asked. The message is one line. */
export class ControlError extends Error {
  override readonly name = 'ControlError';
}

/** How long a server may take for an answer: as long as it waits for its disk, and some. */
const TIMEOUT_MS = 30_000;

/**
 * Asks the server that has a database open.
 *
 * @param body JSON; nothing where it is left out.
 * @returns `undefined` where there is no such server.
 * @throws ControlError when there is one, and no answer.
 */
export function askServer(db: string, method: string, path: string, body?: string): Promise<ControlReply | undefined> {
  return new Promise((resolve, reject) => {
    const name = nameOf(pathOf(db));
    const headers = { 'Content-Type': 'application/json' };
    // Without an agent, which would keep the connection for the next one: that may be another server's.
    const asking = request({ agent: false, socketPath: name.path, method, path, headers, timeout: TIMEOUT_MS }, (reply) => {
      const pieces: Buffer[] = [];
      reply.on('data', (piece: Buffer) => pieces.push(piece));
      reply.on('end', () => resolve({ status: reply.statusCode ?? 0, body: Buffer.concat(pieces).toString() }));
      reply.on('error', (error) => reject(new ControlError(`the server that has ${db} broke off: ${error.message}`)));
    });
    asking.on('timeout', () => asking.destroy(new Error(`no answer in ${TIMEOUT_MS / 1_000} s`)));
    asking.on('close', () => name.release());
    asking.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') resolve(undefined);
      else if (error.code === 'EACCES')
        reject(new ControlError(`the server that has ${db} runs as another user: ask as that one`));
      else
        reject(new ControlError(`the server that has ${db} did not answer: ${error.message}; user list shows what came of it`));
    });
    asking.end(body);
  });
}
