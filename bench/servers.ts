import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Subject } from './subject.js';

const INCREMENTER = fileURLToPath(new URL('../../bin/incrementer', import.meta.url));
const FLOOR = fileURLToPath(new URL('./floor.js', import.meta.url));
const NODE_MAP = fileURLToPath(new URL('./node-map.js', import.meta.url));

/** The bare uWebSockets.js handler. */
export function floor(): Promise<Subject> {
  return Subject.start((subject) => runNode(subject, [FLOOR]));
}

/** What one writes first: node:http, and a Map. */
export function nodeMap(): Promise<Subject> {
  return Subject.start((subject) => runNode(subject, [NODE_MAP]));
}

/** Incrementer on a fresh file. */
export function incrementer(...options: readonly string[]): Promise<Subject> {
  return Subject.start((subject) => runIncrementer(subject, options));
}

/** Incrementer on the file of a folder, which stays. */
export function incrementerIn(folder: string, options: readonly string[]): Promise<Subject> {
  return Subject.start((subject) => runIncrementer(subject, options), folder);
}

/** The same where everything needs a token, and `xyz` is one. */
export function guarded(): Promise<Subject> {
  return Subject.start((subject) => {
    execFileSync(process.execPath, [INCREMENTER, 'user', 'add', 'mouad', '--scope', 'admin', '--token-stdin'], {
      cwd: subject.folder,
      input: 'xyz',
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    return runIncrementer(subject, ['--auth', 'required']);
  });
}

/** The same with so many users who have points. No tick comes by itself; one has been. */
export function points(users: number): Promise<Subject> {
  return Subject.start(async (subject) => {
    const options = ['--services', 'counters,points', '--points-users', String(users), '--points-tick', '24h'];
    await runIncrementer(subject, options);
    const url = `http://127.0.0.1:${subject.port}`;
    await fetch(`${url}/drain`, { method: 'POST' });
    await fetch(`${url}/points/tick?durability=disk`, { method: 'POST' });
  });
}

/** The same with the load lab, whose resource takes so long a use. */
export function lab(delayMs: number): Promise<Subject> {
  return incrementer('--services', 'counters,lab', '--lab-delay', `${delayMs}ms`);
}

function runIncrementer(subject: Subject, options: readonly string[]): Promise<void> {
  return runNode(subject, [INCREMENTER, 'start', '--port', '0', ...options]);
}

function runNode(subject: Subject, argv: readonly string[]): Promise<void> {
  const portIn = (line: string) => {
    const entry = JSON.parse(line) as { msg?: string; port?: number };
    return entry.msg === 'serving' ? entry.port : undefined;
  };
  return subject.run({ program: process.execPath, argv, portIn });
}
