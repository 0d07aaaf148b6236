/** What others know about the server, as it is now. */
export interface ServerFacts {
  readonly version: string;
  readonly transport: string;
  /** Those that are on, by the names of the option. */
  readonly services: readonly string[];
  /** Since it was started, in milliseconds. */
  readonly uptimeMs: number;
  /** In memory. */
  readonly counters: number;
  /** Who follow the events. */
  readonly readers: number;
  readonly users: number;
}
