import Database from 'better-sqlite3';

/** Looks into a database file, or prepares one, with a connection of its own. */
export function withDatabase<T>(path: string, use: (database: Database.Database) => T): T {
  const database = new Database(path);
  try {
    return use(database);
  } finally {
    database.close();
  }
}
