/**
 * A table described as data. A store makes it where it is missing, and knows from here how to
 * load it and how to write a row: nothing outside the store knows the store's own language.
 */
export interface Table {
  readonly name: string;
  readonly columns: readonly Column[];
  /** The columns that together identify a row: unique, and the table's first, in its order. */
  readonly key: readonly string[];
}

export interface Column {
  readonly name: string;
  /** `integer` is a signed 64-bit integer, `text` well-formed Unicode. */
  readonly type: 'text' | 'integer';
  readonly default?: number;
  /** It stays as the row was inserted: an upsert of a row that is there leaves it alone. */
  readonly isKept?: true;
}

/** One value of a row: text, or an integer as an Int64 (see engine/int64.ts). */
export type Value = string | number | bigint;

/** A row's values, in the order of its table's columns. */
export type Row = readonly Value[];

/** In the place of a row: the row with this key is to go. */
export class Deletion {
  /** The values of the key's columns, in their order. */
  readonly key: Row;

  constructor(key: Row) {
    this.key = key;
  }
}
