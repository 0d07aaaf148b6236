import { readFileSync, writeFileSync } from 'node:fs';
import { CommandError } from '#dist/cli/exit.js';
import type { Measure, Pair, Ratios } from './check.js';
import { type Load, loadFile } from './load.js';
import { WRK } from './loads/wrk.js';
import * as servers from './servers.js';
import { type Contestant, type Length, trial } from './trial.js';

const BASELINE = 'baseline.json';

const USERS = 20_000;

/** What must not get slower: each beside the floor under the same load, or, on disk, under that in memory. */
interface Guarded extends Contestant {
  readonly name: string;
  readonly connections: number;
  readonly floor: Load;
  /** What it costs depends on the disk: it can be compared on one machine only. */
  readonly isOnDisk?: boolean;
}

const ROWS: readonly Guarded[] = [
  { name: 'POST /increment', connections: 100, start: servers.incrementer, load: WRK.memory, floor: WRK.memory },
  { name: 'POST /increment with a token', connections: 100, start: servers.guarded, load: WRK.account, floor: WRK.memory },
  {
    name: 'POST /increment on disk',
    connections: 100,
    start: servers.incrementer,
    load: WRK.disk,
    floor: WRK.memory,
    isOnDisk: true,
  },
  { name: 'GET /user/', connections: 400, start: servers.guarded, load: WRK.user, floor: WRK.user },
  { name: 'GET /points', connections: 100, start: () => servers.points(USERS), load: WRK.points, floor: WRK.points },
];

/** @param isQuick those alone that can be compared with what another machine measured. */
export function guardedNames(isQuick: boolean): string[] {
  return ROWS.filter(({ isOnDisk }) => !isQuick || !isOnDisk).map(({ name }) => name);
}

/** What is not installed and has to be. */
export const guardedMissing = WRK.memory.missing;

/** Measures rows, in turns with the floor: those with the same floor share its trials. */
export function measuring(length: Omit<Length, 'connections'>, progress: (what: string) => void): Measure {
  return async (names, trials) => {
    const asked = ROWS.filter(({ name }) => names.includes(name));
    const pairs = new Map<string, Pair[]>(asked.map(({ name }) => [name, []]));
    for (const load of new Set(asked.map(({ floor }) => floor))) {
      const rows = asked.filter(({ floor }) => floor === load);
      for (let i = 1; i <= trials; i++) {
        progress(`${rows.map(({ name }) => name).join(', ')}, trial ${i} of ${trials}`);
        const driven = { ...length, connections: rows[0]?.connections ?? 1 };
        const floor = await measured({ start: servers.floor, load }, driven);
        for (const row of rows) {
          const own = await measured(row, driven);
          const otherCores = Math.max(own.otherCores, floor.otherCores);
          pairs.get(row.name)?.push({ own: own.cpuMicros, floor: floor.cpuMicros, otherCores });
        }
      }
    }
    return pairs;
  };
}

async function measured(contestant: Contestant, length: Length): Promise<{ cpuMicros: number; otherCores: number }> {
  const { cpuMicros, otherCores, failed } = await trial(contestant, length);
  if (cpuMicros === null || otherCores === null)
    throw new CommandError('the processor time of a server is read from /proc, which is not here');
  if (failed > 0) throw new CommandError(`${failed} requests failed`);
  return { cpuMicros, otherCores };
}

export function readBaseline(): Ratios {
  return JSON.parse(readFileSync(loadFile(BASELINE), 'utf8')) as Ratios;
}

export function writeBaseline(verdicts: readonly { readonly name: string; readonly ratio: number }[]): void {
  const ratios = Object.fromEntries(verdicts.map(({ name, ratio }) => [name, Number(ratio.toFixed(3))]));
  writeFileSync(loadFile(BASELINE), `${JSON.stringify(ratios, undefined, 2)}\n`);
}
