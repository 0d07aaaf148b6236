/** A drain whose batch is on disk. */
export interface DrainReport {
  /** When it was committed, by the time of day. */
  readonly at: Date;
  readonly rows: number;
  /** From the snapshot to the commit. */
  readonly ms: number;
}

/** A drain that came to nothing: the next one takes its entries again. */
export interface DrainFailure {
  readonly error: Error;
  /** From the snapshot to the error. */
  readonly ms: number;
}

export interface WriteBehindStatus {
  readonly seq: number;
  readonly durableSeq: number;
  /** Dirty entries, all tables together. */
  readonly queued: number;
  /** Age of the oldest write that is not on disk; 0 when all are. */
  readonly oldestPendingMs: number;
  readonly lastDrain: DrainReport | undefined;
  readonly store: 'ok' | 'failing';
  /** Writes wait for the disk much longer than a drain should take to come. */
  readonly stalled: boolean;
}
