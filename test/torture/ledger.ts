import type { Image } from './image.js';

/** One increment that a client made, and what it knows of it. */
export interface Write {
  readonly key: string;
  readonly by: number;
  readonly durability: 'memory' | 'disk';
  readonly idempotencyKey: string | undefined;
  /** When it was sent the last time, and when its 200 was read: on the system's monotonic clock, `Infinity` for never. */
  sentMs: number;
  ackedMs: number;
  /** Of the reply: 0 and the empty text before it. */
  seq: number;
  body: string;
}

/** A write before it is sent. */
export function unsent(write: Pick<Write, 'key' | 'by' | 'durability' | 'idempotencyKey'>): Write {
  return { ...write, sentMs: Number.POSITIVE_INFINITY, ackedMs: Number.POSITIVE_INFINITY, seq: 0, body: '' };
}

/** What a client has to send again after a crash. */
export interface Retry {
  readonly write: Write;
  /** The write is on disk: the reply has to be the first one's, and nothing may be counted. */
  readonly isReplay: boolean;
}

/** What became of the writes to one key. */
export interface Account {
  sent: number;
  acknowledged: number;
  /** Acknowledged from memory, and gone with a crash. */
  lost: number;
  stored: number;
  /** Whether what is stored was what it could be after every crash. */
  isRight: boolean;
}

export interface Verdict {
  readonly violations: readonly string[];
  /** Keys with values that no sum of their writes explains. */
  readonly wrongKeys: ReadonlySet<string>;
  readonly lost: number;
  /** Writes with an Idempotency-Key that are not on disk, and some that are. */
  readonly retries: readonly Retry[];
  readonly values: ReadonlyMap<string, number>;
}

const REPLAYS_MAX = 20;

/**
 * Knows what was sent and what was acknowledged, and says what may be on disk after a crash:
 *
 * - a write that was acknowledged with the number `seq` is there if and only if the disk's seq is
 *   not below it; on disk it has to be, if the client asked for that;
 * - a write without a reply is there once or not at all;
 * - a write with an Idempotency-Key is there if and only if its key is there;
 * - no more acknowledged ones are missing than the state on disk says.
 */
export class Ledger {
  readonly accounts = new Map<string, Account>();
  /** The writes since the last crash. */
  writes: Write[] = [];
  #values = new Map<string, number>();
  #seqs = new Set<number>();
  #lastSeq = 0;

  constructor(keys: readonly string[]) {
    for (const key of keys) this.accounts.set(key, { sent: 0, acknowledged: 0, lost: 0, stored: 0, isRight: true });
  }

  /** Takes in the number of an acknowledged write. Returns what is wrong with it, if anything is. */
  number(seq: number, isAbove: number): string | undefined {
    if (this.#seqs.has(seq)) return `seq ${seq} was given twice`;
    if (seq <= isAbove) return `seq ${seq} was given after a restart, and ${isAbove} before`;
    this.#seqs.add(seq);
    this.#lastSeq = Math.max(this.#lastSeq, seq);
    return undefined;
  }

  /** The highest number that was acknowledged. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** Judges what a crash has left, and goes on from there. */
  settle(image: Image): Verdict {
    const verdict = this.judge(image);
    for (const write of this.writes) {
      const account = this.accounts.get(write.key) as Account;
      if (write.sentMs < Number.POSITIVE_INFINITY) account.sent++;
      if (write.ackedMs < Number.POSITIVE_INFINITY) {
        account.acknowledged++;
        if (write.seq > image.seq) account.lost++;
      }
    }
    for (const [key, value] of image.values) {
      const account = this.accounts.get(key);
      if (account !== undefined) account.stored = value;
    }
    for (const key of verdict.wrongKeys) {
      const account = this.accounts.get(key);
      if (account !== undefined) account.isRight = false;
    }
    this.#values = new Map(image.values);
    this.#seqs.clear();
    this.writes = [];
    return verdict;
  }

  /**
   * Judges what a crash at an instant would have left.
   *
   * @param isFailing the disk failed: writes went on in memory, and nothing could be said about them on disk.
   */
  judge(image: Image, crashMs = Number.POSITIVE_INFINITY, isFailing = false): Verdict {
    const violations: string[] = [];
    const wrongKeys = new Set<string>();
    const retries: Retry[] = [];
    const sums = new Map(this.#values);
    const open = new Map<string, number[]>();
    let lost = 0;
    let replays = 0;
    if (image.integrity !== 'ok') violations.push(`integrity_check: ${image.integrity}`);
    for (const write of this.writes) {
      const isAcknowledged = write.ackedMs < crashMs;
      const isNumbered = write.seq > 0 && write.ackedMs < Number.POSITIVE_INFINITY;
      const isKept = write.idempotencyKey !== undefined && image.idempotencyKeys.has(write.idempotencyKey);
      const isThere = isNumbered ? write.seq <= image.seq : isKept;
      if (isAcknowledged && !isThere) {
        lost++;
        if (write.durability === 'disk')
          violations.push(`${describe(write)} was acknowledged as on disk, which is at ${image.seq}`);
      }
      if (write.idempotencyKey !== undefined) {
        if (isKept !== isThere)
          violations.push(`${describe(write)} and its key are not both there: key ${isKept}, write ${isThere}`);
        if (!isThere) retries.push({ write, isReplay: false });
        else if (replays++ < REPLAYS_MAX) retries.push({ write, isReplay: true });
      } else if (!isNumbered && write.sentMs < crashMs) {
        open.set(write.key, [...(open.get(write.key) ?? []), write.by]);
      }
      if (isThere) sums.set(write.key, (sums.get(write.key) ?? 0) + write.by);
    }
    for (const key of new Set([...sums.keys(), ...open.keys(), ...image.values.keys()])) {
      const difference = (image.values.get(key) ?? 0) - (sums.get(key) ?? 0);
      if (isSumOfSome(difference, open.get(key) ?? [])) continue;
      wrongKeys.add(key);
      violations.push(`${key} is off by ${difference}, and without a reply were ${JSON.stringify(open.get(key) ?? [])}`);
    }
    const lostAtMost = image.clean ? 0 : image.ceilingSeq - image.seq;
    if (lost > lostAtMost && !isFailing)
      violations.push(`${lost} acknowledged writes are lost, and lost_at_most is ${lostAtMost}`);
    return { violations, wrongKeys, lost, retries, values: image.values };
  }
}

/** Whether some of the numbers, none or all of them add up to the sum. O(2^numbers): a dozen at the most. */
function isSumOfSome(sum: number, numbers: readonly number[]): boolean {
  let sums = new Set([0]);
  for (const number of numbers) sums = new Set([...sums, ...[...sums].map((each) => each + number)]);
  return sums.has(sum);
}

function describe({ key, by, seq, idempotencyKey }: Write): string {
  return `the write ${seq} of ${by} to ${key}${idempotencyKey === undefined ? '' : ` with the key ${idempotencyKey}`}`;
}
