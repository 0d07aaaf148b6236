import { type Logger, pino } from 'pino';
import { type OptionTexts, readConfig } from '../config.js';
import { type Server, startServer } from '../server.js';

const STDERR = 2;

/** Serves until a signal: the first stops in order, a second at once. */
export async function start(texts: OptionTexts): Promise<void> {
  const config = readConfig(texts);
  const log = pino({ level: config.logLevel }, pino.destination({ dest: STDERR, sync: true }));
  let server: Server | undefined;
  let stopping = false;
  const onSignal = (signal: NodeJS.Signals) => {
    if (stopping) {
      log.fatal({ signal }, 'stopping at once; what is not on disk is lost');
      process.exit(1);
    }
    stopping = true;
    log.info({ signal }, 'stopping');
    if (server !== undefined) void stop(server, log);
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  server = await startServer(config, log);
  // A signal that came in the meantime has waited for the start to be complete.
  if (stopping) await stop(server, log);
}

async function stop(server: Server, log: Logger): Promise<never> {
  const complete = await server.stop();
  if (complete) log.info('stopped, everything is on disk');
  else log.fatal('stopped, but not in order: it may be that not everything is on disk');
  process.exit(complete ? 0 : 1);
}
