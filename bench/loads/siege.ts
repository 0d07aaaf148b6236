import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Figures, type Load, loadFile, missingProgram, output } from '../load.js';

const URLS = 'siege/urls.txt';

/** What the machine's own siegerc could say differently: a connection for each request, no time to think. */
const SETTINGS = `verbose = false
quiet = false
json_output = true
logging = false
protocol = HTTP/1.1
connection = close
delay = 0.0
limit = 1024
`;

/** Once in a while siege 4.0.7 waits for its own threads for ever when its time is over: so long it may take. */
const ENDING_MS = 5_000;

/** Increments as siege sends them: so many users, who take the addresses of urls.txt at random. */
export const siege: Load = {
  missing: missingProgram('siege'),
  threads: Number.POSITIVE_INFINITY, // One for each user.
  command: (users, seconds) => `siege -f bench/${URLS} -c ${users} -i -t ${Math.ceil(seconds)}S`,
  run: async ({ port, connections, seconds }) => {
    const folder = mkdtempSync(join(tmpdir(), 'incrementer-bench-'));
    const [settings, urls] = [join(folder, 'siegerc'), join(folder, 'urls.txt')];
    writeFileSync(settings, SETTINGS);
    writeFileSync(urls, readFileSync(loadFile(URLS), 'utf8').replaceAll(':3333/', `:${port}/`));
    const argv = ['-R', settings, '-f', urls, '-c', `${connections}`, '-i', '-t', `${Math.ceil(seconds)}S`];
    try {
      return siegeFigures(await output('siege', argv, { killAfterMs: seconds * 1_000 + ENDING_MS }));
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

/** Figures of what siege prints as JSON. It tells the mean of the latencies and their ends, but no percentile. */
export function siegeFigures(printed: string): Figures {
  const figure = (name: string) => {
    const [, value] = new RegExp(`"${name}":\\s*([\\d.]+)`).exec(printed) ?? [];
    if (value === undefined) throw new Error(`siege printed no ${name}:\n${printed}`);
    return Number(value);
  };
  const requests = figure('transactions');
  return {
    requests,
    seconds: figure('elapsed_time'),
    // It counts while its threads still run: at the end one more may have been successful than were done.
    failed: figure('failed_transactions') + Math.max(0, requests - figure('successful_transactions')),
    p50: null,
    p99: null,
    p999: null,
  };
}
