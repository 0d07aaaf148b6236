import { withDatabase } from '../store/connection.js';

/** Everything that a file has, at one instant. Integers that may be large are in digits. */
export interface Stored {
  /** The last write that is in it. */
  readonly seq: number;
  readonly isClean: boolean;
  readonly numbers: readonly (readonly [key: string, value: string])[];
  readonly windows: readonly (readonly [key: string, expiresMs: number])[];
  readonly sources: readonly (readonly [key: string, source: string, total: string, decrements: string])[];
  readonly idempotency: readonly (readonly [key: string, payload: string, type: string, body: string, expiresMs: number])[];
}

export function readStored(db: string): Stored {
  return withDatabase(db, (file) => {
    const all = <Row>(sql: string) => file.prepare(sql).raw().all() as Row[];
    const read = file.transaction(() => {
      const [seq, clean] = all<[number, number]>('SELECT seq, clean FROM incrementer_state')[0] ?? [-1, 0];
      return {
        seq,
        isClean: clean === 1,
        numbers: all<Stored['numbers'][number]>('SELECT key, CAST(value AS TEXT) FROM numbers'),
        windows: all<Stored['windows'][number]>('SELECT key, expires_ms FROM incrementer_windows'),
        sources: all<Stored['sources'][number]>(
          'SELECT key, source, CAST(total AS TEXT), CAST(decrements AS TEXT) FROM incrementer_sources',
        ),
        idempotency: all<Stored['idempotency'][number]>(
          'SELECT key, payload, type, body, expires_ms FROM incrementer_idempotency',
        ),
      };
    });
    return read();
  });
}
