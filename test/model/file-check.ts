import type { Model } from './model.js';
import { Span } from './span.js';
import type { Stored } from './stored.js';

const SHOWN_MAX = 3;

/** Compares what is in the file with what has to be there. */
export class FileCheck {
  readonly #payloadOf = new Map<string, string>();
  readonly #identityOf = new Map<string, string>();

  /** What is different, row by row; learns from the rest what the model could not know exactly. */
  difference(stored: Stored, model: Model): string | undefined {
    const sources = new Map(
      model.sources.entries().flatMap(([key, all]) => [...all].map(([source, totals]) => [`${key}\n${source}`, totals] as const)),
    );
    return (
      faults(
        'numbers',
        stored.numbers,
        ([key]) => key,
        new Map(model.counters.entries()),
        ([, value], counter) => {
          return value === `${counter}`;
        },
      ) ??
      faults(
        'windows',
        stored.windows,
        ([key]) => key,
        new Map(model.ends.entries()),
        ([, expiresMs], end) => {
          return isAt(end, expiresMs);
        },
      ) ??
      faults(
        'sources',
        stored.sources,
        ([key, source]) => `${key}\n${source}`,
        sources,
        ([, , total, decrements], totals) => {
          return total === `${totals.value}` && decrements === `${totals.decrements}`;
        },
      ) ??
      faults(
        'idempotency',
        stored.idempotency,
        ([key]) => key,
        new Map(model.kept.entries()),
        ([, payload, type, body, expiresMs], kept) => {
          const isSame = type === kept.type && kept.body.allows(body) && isAt(kept.expires, expiresMs);
          if (isSame) kept.body.is(body);
          return isSame && this.#standsFor(payload, kept.identity);
        },
      )
    );
  }

  /** What a payload looks like is the server's business, but it has one for each thing that can be done. */
  #standsFor(payload: string, identity: string): boolean {
    const isNew = !this.#identityOf.has(payload) && !this.#payloadOf.has(identity);
    if (isNew) {
      this.#identityOf.set(payload, identity);
      this.#payloadOf.set(identity, payload);
    }
    return this.#identityOf.get(payload) === identity && this.#payloadOf.get(identity) === payload;
  }
}

function isAt(span: Span, ms: number): boolean {
  if (!span.has(ms)) return false;
  span.narrow(new Span(ms, ms));
  return true;
}

/** The rows that should not be there, are different, or are missing. */
function faults<Row, Entry>(
  table: string,
  rows: readonly Row[],
  nameOf: (row: Row) => string,
  expected: ReadonlyMap<string, Entry>,
  isSame: (row: Row, entry: Entry) => boolean,
): string | undefined {
  const wrong = rows.filter((row) => {
    const entry = expected.get(nameOf(row));
    return entry === undefined || !isSame(row, entry);
  });
  const there = new Set(rows.map(nameOf));
  const missing = [...expected.keys()].filter((name) => !there.has(name));
  if (wrong.length === 0 && missing.length === 0 && there.size === rows.length) return undefined;
  const shown = wrong.slice(0, SHOWN_MAX).map((row) => `${JSON.stringify(row)} and not ${shownOf(expected.get(nameOf(row)))}`);
  return (
    `${table}: ${rows.length} rows, not ${expected.size}; ${wrong.length} are wrong: ${shown.join('; ')}; ` +
    `${missing.length} are missing: ${JSON.stringify(missing.slice(0, SHOWN_MAX))}`
  );
}

function shownOf(entry: unknown): string {
  return JSON.stringify(entry, (_, value) => (typeof value === 'bigint' ? `${value}` : value)) ?? 'nothing';
}
