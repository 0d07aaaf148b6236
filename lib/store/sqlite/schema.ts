import type { Column, Table } from '../table.js';

/** Raised whenever an older server would no longer understand the file. */
export const SCHEMA_VERSION = 1;

/** One row: what StoreState says, and which schema the file has. */
export const CREATE_STATE = `
  CREATE TABLE incrementer_state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    schema_version INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    ceiling_seq INTEGER NOT NULL,
    clean INTEGER NOT NULL
  )`;

/** For `numbers` these are the seed's own statements, to the letter: other programs read the file. */
export function createTable(table: Table): string {
  return `CREATE TABLE ${table.name} (${table.columns.map(columnDefinition).join(', ')})`;
}

export function createIndex(table: Table): string {
  return `CREATE UNIQUE INDEX ${table.name}_${table.key}_index ON ${table.name} (${table.key})`;
}

function columnDefinition(column: Column): string {
  const byDefault = column.default === undefined ? '' : ` DEFAULT ${column.default}`;
  return `${column.name} ${column.type.toUpperCase()}${byDefault}`;
}

/**
 * A multi-row upsert with `rows` rows of parameters. An update to the value that is already there
 * costs a look-up and no page write.
 */
export function upsert(table: Table, rows: number): string {
  const names = table.columns.map((column) => column.name);
  const row = `(${names.map(() => '?').join(', ')})`;
  const updates = names.filter((name) => name !== table.key).map((name) => `${name} = excluded.${name}`);
  return (
    `INSERT INTO ${table.name} (${names.join(', ')}) VALUES ${Array(rows).fill(row).join(', ')} ` +
    `ON CONFLICT (${table.key}) DO UPDATE SET ${updates.join(', ')}`
  );
}

/**
 * Every row of a table, and as a last column whether its values have the table's types.
 *
 * An integer that a double can't hold comes as text: asking the driver for bigints throughout
 * would halve the speed of loading for the sake of values that hardly occur.
 */
export function selectAll(table: Table): string {
  const safe = Number.MAX_SAFE_INTEGER;
  const values = table.columns.map(({ name, type }) =>
    type === 'text'
      ? name
      : `CASE WHEN ${name} BETWEEN -${safe} AND ${safe} THEN ${name} ELSE CAST(${name} AS TEXT) END`,
  );
  const typed = table.columns.map(({ name, type }) => `typeof(${name}) = '${type}'`);
  return `SELECT ${values.join(', ')}, ${typed.join(' AND ')} FROM ${table.name}`;
}
