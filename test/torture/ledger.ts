import { keysOf, mayBeIdle } from './action.js';
import type { Said, World } from './counter-model.js';
import { Groups, type Numbered } from './groups.js';
import type { Image } from './image.js';
import type { Write } from './write.js';

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
  stored: number | undefined;
  /** Whether what is stored was what it could be after every crash. */
  isRight: boolean;
}

export interface Verdict {
  readonly violations: readonly string[];
  /** Keys for which no order of their writes explains what is on disk and what was answered. */
  readonly wrongKeys: ReadonlySet<string>;
  readonly lost: number;
  /** Writes with an Idempotency-Key that are not on disk, and some that are. */
  readonly retries: readonly Retry[];
}

const REPLAYS_MAX = 20;

/**
 * Knows what was sent and what was acknowledged, and says what may be on disk after a crash:
 *
 * - a write that was acknowledged with the number `seq` is there if and only if the disk's seq is
 *   not below it; on disk it has to be, if the client asked for that;
 * - a write without a reply is there once or not at all;
 * - a write with an Idempotency-Key is there if and only if its key is there;
 * - some order of the writes explains every reply, and each counter on disk with its end and its sources;
 * - no more acknowledged ones are missing than the state on disk says.
 */
export class Ledger {
  readonly accounts = new Map<string, Account>();
  /** The writes since the last crash. */
  writes: Write[] = [];
  #before: World = new Map();
  #seqs = new Set<number>();
  #lastSeq = 0;

  constructor(keys: readonly string[] = []) {
    for (const key of keys) this.#account(key);
  }

  /**
   * Takes in the number of an acknowledged write. Returns what is wrong with it, if anything is.
   *
   * @param isIdle it may have changed nothing: then it has the number of the write before.
   */
  number(seq: number, isAbove: number, isIdle = false): string | undefined {
    if (!isIdle && this.#seqs.has(seq)) return `seq ${seq} was given twice`;
    if (isIdle ? seq < isAbove : seq <= isAbove) return `seq ${seq} was given after a restart, and ${isAbove} before`;
    if (!isIdle) this.#seqs.add(seq);
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
    for (const { action, wasSent, isAcknowledged, said } of this.writes) {
      for (const account of [...new Set(keysOf(action))].map((key) => this.#account(key))) {
        if (wasSent) account.sent++;
        if (isAcknowledged) account.acknowledged++;
        if (isAcknowledged && said !== undefined && said.seq > image.seq) account.lost++;
      }
    }
    for (const [key, account] of this.accounts) account.stored = image.counters.get(key)?.value;
    for (const key of verdict.wrongKeys) this.#account(key).isRight = false;
    this.#before = image.counters;
    this.#seqs.clear();
    this.writes = [];
    return verdict;
  }

  #account(key: string): Account {
    const account = this.accounts.get(key) ?? { sent: 0, acknowledged: 0, lost: 0, stored: undefined, isRight: true };
    this.accounts.set(key, account);
    return account;
  }

  /**
   * Judges what a crash at an instant would have left.
   *
   * @param isFailing the disk failed: writes went on in memory, and nothing could be said about them on disk.
   */
  judge(image: Image, crashMs = Number.POSITIVE_INFINITY, isFailing = false): Verdict {
    const groups = new Groups(this.writes, [...this.#before.keys(), ...image.counters.keys()]);
    const { numbered, unnumbered } = this.#sort(image, crashMs, groups);
    const violations = image.orphans.map((orphan) => `${orphan} is there without its counter`);
    if (image.integrity !== 'ok') violations.push(`integrity_check: ${image.integrity}`);

    // Nothing is lost twice: a write that changed nothing has the number of another.
    const lost = new Set<number>();
    for (const { write, said, isThere } of numbered) {
      if (isThere || write.ackedMs >= crashMs) continue;
      lost.add(said.seq);
      if (write.durability === 'disk')
        violations.push(`${describe(write)} was acknowledged as on disk, which is at ${image.seq}`);
    }
    const lostAtMost = image.clean ? 0 : image.ceilingSeq - image.seq;
    if (lost.size > lostAtMost && !isFailing)
      violations.push(`${lost.size} acknowledged writes are lost, and lost_at_most is ${lostAtMost}`);

    const wrongKeys = new Set<string>();
    const idle = new Set<Numbered>();
    for (const group of groups.all()) {
      const explained = group.explain(this.#before, image.counters, image.seq);
      for (const each of explained.idle) idle.add(each);
      if (explained.fault === undefined) continue;
      violations.push(`no order explains this: ${explained.fault}`);
      for (const key of group.keys) wrongKeys.add(key);
    }

    const retries = unnumbered.map((write): Retry => ({ write, isReplay: false }));
    for (const each of numbered.filter(({ write }) => write.idempotencyKey !== undefined)) {
      const { write, isKept, isThere } = each;
      // Of what changed nothing, nothing has to be kept.
      const isSettled = idle.has(each) || (mayBeIdle(write.action) && wrongKeys.has(keysOf(write.action)[0] ?? ''));
      if (isKept !== isThere && !isSettled)
        violations.push(`${describe(write)} and its key are not both there: key ${isKept}, write ${isThere}`);
      if (isKept || !isSettled) retries.push({ write, isReplay: isKept && isThere });
    }
    return { violations, wrongKeys, lost: lost.size, retries: bounded(retries) };
  }

  /** Puts every write into its group. Returns those that have a number, and those with a key that have none. */
  #sort(image: Image, crashMs: number, groups: Groups): { numbered: Numbered[]; unnumbered: Write[] } {
    // What was lost in a crash that was not the last is of no matter to it.
    const isLast = crashMs === Number.POSITIVE_INFINITY;
    const numbered: Numbered[] = [];
    const unnumbered: Write[] = [];
    for (const write of this.writes) {
      const { action, idempotencyKey, sentMs } = write;
      if (write.isRefused) continue;
      const kept = idempotencyKey === undefined ? undefined : image.kept.get(idempotencyKey);
      const said = write.said ?? (kept === undefined ? undefined : (JSON.parse(kept) as Said));
      if (said !== undefined) {
        const each = { write, said, isKept: kept !== undefined, isThere: said.seq <= image.seq };
        numbered.push(each);
        if (each.isThere || isLast) groups.of(action).add(each);
      } else {
        const isLost = idempotencyKey !== undefined;
        if (isLost) unnumbered.push(write);
        if (sentMs < crashMs && (isLast || !isLost)) groups.of(action).addLoose(write, isLost);
      }
    }
    return { numbered, unnumbered };
  }
}

/** Those that are to be made, and not more than some of those that are to be replayed. */
function bounded(retries: readonly Retry[]): Retry[] {
  let replays = 0;
  return retries.filter(({ isReplay }) => !isReplay || replays++ < REPLAYS_MAX);
}

function describe({ action, body, idempotencyKey }: Write): string {
  const key = idempotencyKey === undefined ? '' : ` with the key ${idempotencyKey}`;
  return `${JSON.stringify(action)}${key}, answered ${body === '' ? 'not at all' : body},`;
}
