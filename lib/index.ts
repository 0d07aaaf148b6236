import type { Logger } from 'pino';
import { pino } from 'pino';
import { readConfig } from './config.js';
import { type Options, textsOf } from './options.js';
import { type Server, startServer } from './server.js';

export { ConfigError } from './config.js';
export { TlsError } from './http/tls.js';
export { ListenError, TransportError } from './http/transport.js';
export type { Options } from './options.js';
export type { Server } from './server.js';
export { StoreRefusal } from './store/store.js';

/** Writes nothing. pino's own destination would listen for the end of the process. */
const NOWHERE = { write: () => undefined };

/**
 * Starts a server inside this program, which can have several. It handles no signals and never ends
 * the process: call `close()` before the program ends, or what is not on disk yet is lost.
 *
 * @param options those of the command line, with the same defaults. The environment is not read.
 * @param log where it logs; nowhere, if left out.
 * @returns the server, when it has loaded its file and serves.
 * @throws ConfigError, ListenError, StoreRefusal, TlsError or TransportError: then nothing runs, and
 *   nothing was changed.
 */
export async function start(options: Options = {}, log: Logger = pino({ level: 'silent' }, NOWHERE)): Promise<Server> {
  return startServer(readConfig(textsOf(options)), log);
}
