/** A write that waits longer than so many intervals, and so many milliseconds, is late. */
const LATE = { intervals: 3, msMin: 1_000 };

/** Knows how long the oldest write waits that is not on disk, without a time for each write. */
export class PendingAge {
  readonly #nowMs: () => number;
  /** The last write before the last snapshot, and when the first one after it came. */
  #snapshotSeq = 0;
  #firstMs = 0;
  /** When the oldest write before the snapshot came that is still not on disk. */
  #batchMs: number | undefined;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** @param seq the last write; all of them are on disk. */
  start(seq: number): void {
    this.#snapshotSeq = seq;
  }

  /** @param lastSeq the last write before the one that is being made. */
  write(lastSeq: number): void {
    if (lastSeq === this.#snapshotSeq) this.#firstMs = this.#nowMs();
  }

  /** Everything up to `seq` is in a batch. After a failed one, what it had is in this one too. */
  snapshot(seq: number): void {
    if (seq > this.#snapshotSeq) this.#batchMs ??= this.#firstMs;
    this.#snapshotSeq = seq;
  }

  /** The batch of the last snapshot is on disk. */
  committed(): void {
    this.#batchMs = undefined;
  }

  /** @param lastSeq the last write. */
  oldestMs(lastSeq: number): number {
    if (this.#batchMs !== undefined) return this.#nowMs() - this.#batchMs;
    return lastSeq > this.#snapshotSeq ? this.#nowMs() - this.#firstMs : 0;
  }

  /** Whether the oldest write is late, where a drain is due each `intervalMs`. @param lastSeq the last write. */
  isLate(lastSeq: number, intervalMs: number): boolean {
    return this.oldestMs(lastSeq) > Math.max(LATE.intervals * intervalMs, LATE.msMin);
  }
}
