import { type Verification, verify } from '../store/sqlite/verification.js';
import { StoreRefusal, type StoreState } from '../store/store.js';
import { TABLES } from '../tables.js';
import { EXIT } from './exit.js';

/** Looks whether a file is sound, and says so with the exit status. Changes nothing. */
export function verifyFile(path: string, asJson: boolean): void {
  let verification: Verification;
  try {
    verification = verify(path, TABLES);
  } catch (error) {
    if (!(error instanceof StoreRefusal)) throw error;
    process.stderr.write(`incrementer: ${error.message}\n`);
    process.exitCode = EXIT.usage;
    return;
  }
  process.stdout.write(asJson ? `${JSON.stringify(toJson(path, verification))}\n` : toText(path, verification));
  process.exitCode = isSound(verification) ? EXIT.done : EXIT.failed;
}

function isSound({ faults }: Verification): boolean {
  return faults.length === 0;
}

function toJson(path: string, verification: Verification): object {
  const { faults, schemaVersion, state, rows } = verification;
  return {
    file: path,
    sound: isSound(verification),
    faults,
    schema_version: schemaVersion ?? null,
    state: state === undefined ? null : { seq: state.seq, ceiling_seq: state.ceilingSeq, clean: state.clean },
    rows: Object.fromEntries([...rows].map(([table, count]) => [table, count ?? null])),
  };
}

function toText(path: string, verification: Verification): string {
  const { faults, schemaVersion, state, rows } = verification;
  const lines = [
    ...faults.map((fault) => ['fault', fault]),
    [
      'schema',
      schemaVersion === undefined
        ? 'none is known: no server has begun on it, or its state can not be read'
        : `version ${schemaVersion}`,
    ],
    ...[...rows].map(([table, count]) => ['table', `${table}: ${count === undefined ? 'none' : `${count} rows`}`]),
    ...(state === undefined ? [] : [['state', describe(state)]]),
    ['verdict', `${path} is ${isSound(verification) ? 'sound' : 'not sound'}`],
  ] as const;
  return lines.map(([name, text]) => `${name.padEnd(8)} ${text}\n`).join('');
}

function describe({ seq, ceilingSeq, clean }: StoreState): string {
  const all = `every write up to seq ${seq} is in it`;
  if (clean) return `${all}; the last run stopped cleanly`;
  return `${all}; a server runs, or did not stop cleanly: at most ${ceilingSeq - seq} later ones are or were in memory only`;
}
