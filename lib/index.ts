import type { Logger } from 'pino';
import { pino } from 'pino';
import { type OptionTexts, readConfig } from './config.js';
import { type Server, startServer } from './server.js';

export { ConfigError, type OptionTexts } from './config.js';
export { ListenError } from './http/transport.js';
export { type Server, TransportError } from './server.js';
export { StoreRefusal } from './store/store.js';

/**
 * Starts a server inside this program.
 *
 * @param options as on the command line, in camel case and as text: `{ port: '0', db: 'a.db' }`.
 *   The environment is not read.
 * @param log where it logs; nowhere, if left out.
 * @throws ConfigError, ListenError, StoreRefusal or TransportError.
 */
export function start(options: OptionTexts = {}, log: Logger = pino({ level: 'silent' })): Promise<Server> {
  return startServer(readConfig(options), log);
}
