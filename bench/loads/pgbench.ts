import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Drive, type Figures, type Load, output } from '../load.js';
import { POSTGRES_BIN, postgresMissing } from '../postgres.js';
import { percentile } from '../statistics.js';

const SCRIPT = `\\set key random(0, 999)
INSERT INTO numbers (key, value) VALUES ('key' || :key, 1) ON CONFLICT (key) DO UPDATE SET value = numbers.value + 1;
`;

/** What is asked of each connection to warm up. It takes a number, as its time would begin before it has connected. */
const WARM_UP_EACH = 20;

/** How long the server's processes for connections that were closed may take to end, so that their time is counted. */
const ENDING_MS = 300;

/** An upsert of one of 1000 random keys for each request, prepared, each in a transaction of its own. */
export const pgbench: Load = {
  missing: postgresMissing,
  threads: 1,
  command: (connections, seconds) =>
    `pgbench ${options(connections).join(' ')} -t N -f upsert.sql (N: as many as take ${seconds} s), which is: ${SCRIPT.trim().replace('\n', '; ')}`,
  run: ({ rate, ...drive }) =>
    run(drive, rate === undefined ? WARM_UP_EACH : Math.ceil((rate * drive.seconds) / drive.connections)),
  // A connection is a process of the server's, which takes as long to start as hundreds of upserts.
  connect: async (drive) => {
    await run(drive, 1);
  },
};

function options(connections: number): string[] {
  return ['-h', '127.0.0.1', '-U', 'postgres', '-n', '-M', 'prepared', '-c', `${connections}`, '-j', '1'];
}

async function run({ port, connections }: Omit<Drive, 'rate'>, each: number): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), 'incrementer-bench-'));
  const script = join(folder, 'upsert.sql');
  writeFileSync(script, SCRIPT);
  const files = ['-f', script, '--log', '--log-prefix', join(folder, 'log')];
  const argv = [...options(connections), '-p', `${port}`, '-t', `${each}`, ...files, 'postgres'];
  const printed = await output(join(POSTGRES_BIN, 'pgbench'), argv);
  const logs = readdirSync(folder).filter((name) => name.startsWith('log.'));
  const log = logs.map((name) => readFileSync(join(folder, name), 'latin1')).join('');
  rmSync(folder, { recursive: true });
  await delay(ENDING_MS);
  return pgbenchFigures(printed, log);
}

/**
 * Figures of what pgbench prints, and of its log, which has a line for each transaction: the third
 * of its columns is the time it took, in microseconds.
 */
export function pgbenchFigures(printed: string, log: string): Figures {
  const number = (what: string, pattern: RegExp) => {
    const [, value] = pattern.exec(printed) ?? [];
    if (value === undefined) throw new Error(`pgbench printed no ${what}:\n${printed}`);
    return Number(value);
  };
  const requests = number('transactions', /number of transactions actually processed: (\d+)/);
  const micros = log
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => Number(line.split(' ', 3)[2]))
    .sort((a, b) => a - b);
  const ms = (percent: number) => (micros.length === 0 ? null : percentile(micros, percent) / 1_000);
  return {
    requests,
    seconds: requests / number('rate', /tps = ([\d.]+)/),
    failed: number('failures', /number of failed transactions: (\d+)/),
    p50: ms(50),
    p99: ms(99),
    p999: ms(99.9),
  };
}
