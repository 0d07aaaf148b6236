import { readFileSync } from 'node:fs';
import type { NodeProcess } from './node-process.js';

/** What the process has in memory now, in MiB (proc(5)). */
export function memoryMib({ child }: NodeProcess): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kib) / 1024);
}

/** Clock ticks a second, on every Linux there is. */
const TICKS_PER_S = 100;

/** The processor time that the process has used, in milliseconds (proc(5)). */
export function cpuMs({ child }: NodeProcess): number {
  const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return ((Number(fields[11]) + Number(fields[12])) / TICKS_PER_S) * 1_000;
}
