import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks a second in /proc: 100 on every Linux that Node runs on. */
const TICKS_PER_S = 100;

const TICK_MICROS = 1e6 / TICKS_PER_S;

interface Stat {
  readonly parent: number;
  /** All its threads, and its children that have ended and were waited for; user and system. */
  readonly micros: number;
}

/** Processor time so far of a process and all its descendants, in microseconds; NaN where there is no /proc. */
export function treeMicros(root: number): number {
  const stats = new Map<number, Stat>();
  for (const name of folders()) {
    const stat = /^\d+$/.test(name) ? readStat(name) : undefined;
    if (stat !== undefined) stats.set(Number(name), stat);
  }
  const isBelow = (id: number): boolean => {
    if (id === root) return true;
    const parent = stats.get(id)?.parent;
    return parent !== undefined && isBelow(parent);
  };
  let sum = 0;
  for (const [id, { micros }] of stats) if (isBelow(id)) sum += micros;
  return stats.has(root) ? sum : Number.NaN;
}

/** What of a process is in memory; NaN where there is no /proc. */
export function residentBytes(id: number): number {
  try {
    const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${id}/status`, 'latin1'));
    return Number(line?.[1] ?? Number.NaN) * 1_024;
  } catch {
    return Number.NaN;
  }
}

/** Processor time so far of this process and of its children that have ended: the load generators. */
export function ownMicros(): number {
  return readStat('self')?.micros ?? Number.NaN;
}

/** Processor time so far of everything on this machine. */
export function machineMicros(): number {
  try {
    const [, user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = readFileSync('/proc/stat', 'latin1')
      .slice(0, 200)
      .split('\n', 1)
      .flatMap((line) => line.split(/\s+/).map(Number));
    return (user + nice + system + irq + softirq + steal) * TICK_MICROS;
  } catch {
    return Number.NaN;
  }
}

function folders(): string[] {
  try {
    return readdirSync('/proc');
  } catch {
    return [];
  }
}

/** proc_pid_stat(5): the parent is field 4, times are 14 to 17. The name, field 2, may have spaces in it. */
function readStat(name: string): Stat | undefined {
  try {
    const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    return { parent: Number(fields[1]), micros: ticks * TICK_MICROS };
  } catch {
    return undefined; // It has ended.
  }
}
