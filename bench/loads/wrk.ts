import { type Drive, type Figures, type Load, loadFile, missingProgram, output } from '../load.js';

const missing = missingProgram('wrk');

/** What wrk sends, see the scripts. */
export const WRK = {
  memory: wrk('increment.lua', ['memory']),
  disk: wrk('increment.lua', ['disk']),
  idempotent: wrk('increment.lua', ['idempotent']),
  tagged: wrk('increment.lua', ['tagged']),
  account: wrk('increment.lua', ['account']),
  ndjson: wrk('batch.lua', ['ndjson']),
  form: wrk('batch.lua', ['form']),
  points: wrk('get.lua', ['/points']),
  user: wrk('get.lua', ['/user/', 'xyz']),
  /** With the threads that the figure of the accounts was published with. */
  userPublished: wrk('get.lua', ['/user/', 'xyz'], 10),
  webdis: wrk('webdis.lua', []),
} as const;

/** POST /increment over random keys of so many counters, see spread.lua. */
export function wrkSpread(counters: number): Load {
  return wrk('spread.lua', [`${counters}`]);
}

function wrk(script: string, args: readonly string[], threads = 1): Load {
  const argv = (file: string, port: number | string, connections: number, seconds: number) => {
    const to = [`http://127.0.0.1:${port}`, ...(args.length > 0 ? ['--', ...args] : [])];
    return [`-t${threads}`, `-c${connections}`, `-d${Math.ceil(seconds)}s`, '-s', file, ...to];
  };
  return {
    missing,
    threads,
    command: (connections, seconds) => `wrk ${argv(`bench/${script}`, 'PORT', connections, seconds).join(' ')}`,
    run: async ({ port, connections, seconds }) =>
      figuresOf(await output('wrk', argv(loadFile(script), port, connections, seconds))),
    // It takes whole seconds only, and ends at once when it is interrupted.
    warmUp: async ({ port, connections, seconds }: Drive) => {
      await output('wrk', argv(loadFile(script), port, connections, seconds), { stopAfterMs: seconds * 1_000 });
    },
  };
}

/** The line of figures that the scripts print at the end. */
function figuresOf(printed: string): Figures {
  const line = printed.split('\n').find((each) => each.startsWith('{'));
  if (line === undefined) throw new Error(`wrk printed no figures:\n${printed}`);
  return JSON.parse(line) as Figures;
}
