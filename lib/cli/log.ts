import { isatty } from 'node:tty';
import { type DestinationStream, type Logger, pino } from 'pino';
import pretty from 'pino-pretty';
import type { Config } from '../config.js';

const STDERR = 2;

type Output = ReturnType<typeof pino.destination>;

/**
 * The log of a server that is a process of its own, and where its lines go. Each is written before
 * the call returns, as the process may end.
 */
export function openLog({ logLevel, logFormat }: Pick<Config, 'logLevel' | 'logFormat'>): { log: Logger; output: Output } {
  const output = pino.destination({ dest: STDERR, sync: true });
  const isPretty = logFormat === 'auto' ? isatty(STDERR) : logFormat === 'pretty';
  return { log: pino({ level: logLevel }, isPretty ? prettyLines(output) : output), output };
}

/** The library's own stream would end itself when the terminal is gone, and the server with its next line. */
function prettyLines(output: Output): DestinationStream {
  const format = pretty.prettyFactory({
    colorize: isatty(STDERR),
    ignore: 'pid,hostname',
    translateTime: 'SYS:HH:MM:ss.l',
  });
  return { write: (line) => output.write(format(line)) };
}
