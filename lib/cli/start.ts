import { pino } from 'pino';
import { type OptionTexts, readConfig } from '../config.js';
import { startServer } from '../server.js';

const STDERR = 2;

/** Serves until a signal: the first stops in order, a second at once. */
export async function start(texts: OptionTexts): Promise<void> {
  const config = readConfig(texts);
  const log = pino({ level: config.logLevel }, pino.destination({ dest: STDERR, sync: true }));
  const server = await startServer(config, log);
  let stopping = false;
  const onSignal = async (signal: NodeJS.Signals) => {
    if (stopping) {
      log.fatal({ signal }, 'stopping at once; what is not on disk is lost');
      process.exit(1);
    }
    stopping = true;
    log.info({ signal }, 'stopping');
    const complete = await server.stop();
    if (complete) log.info('stopped, everything is on disk');
    else log.fatal('stopped; not everything is on disk');
    process.exit(complete ? 0 : 1);
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}
