import type { Logger } from 'pino';
import { type OptionTexts, readConfig } from '../config.js';
import { TlsError } from '../http/tls.js';
import { type Server, startServer } from '../server.js';
import { strayVariables } from './environment.js';
import { openLog } from './log.js';

/** One Ctrl-C can come twice: from the terminal, and from npm, which passes it on. */
const SAME_SIGNAL_MS = 1_000;

/**
 * Serves until SIGTERM or SIGINT: the first stops in order, another one at once, if it comes a second
 * later or more. SIGHUP has the certificate read again. When the terminal that the log goes to is closed, it stops in order, too.
 */
export async function start(texts: OptionTexts): Promise<void> {
  const config = readConfig(texts);
  const { log, output } = openLog(config);
  for (const fault of strayVariables(process.env)) log.warn(fault);
  let server: Server | undefined;
  let stopping = false;
  let stoppingMs = 0;
  const onSignal = (signal: NodeJS.Signals) => {
    if (stopping) {
      if (performance.now() - stoppingMs < SAME_SIGNAL_MS) return;
      log.fatal({ signal }, 'stopping at once; what is not on disk is lost');
      process.exit(1);
    }
    stopping = true;
    stoppingMs = performance.now();
    log.info({ signal }, 'stopping');
    if (server !== undefined) void stop(server, log);
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  output.on('error', (error: NodeJS.ErrnoException) => {
    // A terminal's end is a SIGHUP and this, as the line that the signal makes can't be written.
    if (error.code !== 'EIO') throw error;
    if (!stopping) onSignal('SIGHUP');
  });
  let isReloadDue = false;
  process.on('SIGHUP', () => {
    if (stopping) return;
    // What the server has read while it starts may be older than the signal.
    if (server === undefined) isReloadDue = true;
    else reload(server, log);
  });
  server = await startServer(config, log);
  if (isReloadDue) reload(server, log);
  // A signal that came in the meantime has waited for the start to be complete.
  if (stopping) await stop(server, log);
}

function reload(server: Server, log: Logger): void {
  try {
    server.reload();
  } catch (error) {
    if (!(error instanceof TlsError)) throw error;
    log.error({ err: error }, 'the certificate stays as it was: the files can not be used');
  }
}

async function stop(server: Server, log: Logger): Promise<never> {
  const complete = await server.close();
  if (complete) log.info('stopped, everything is on disk');
  else log.fatal('stopped, but not in order: it may be that not everything is on disk');
  process.exit(complete ? 0 : 1);
}
