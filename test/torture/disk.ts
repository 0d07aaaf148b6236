import type { DiskRecord } from './disk-log.js';
import type { Random } from './random.js';

const SECTOR_BYTES = 512;

/** A write or a truncation. */
interface Change {
  readonly record: DiskRecord;
  /**
   * A sync after it failed. The system may have given it up and call it clean: no later sync makes
   * it certain, and what is on the disk may be either.
   */
  isGivenUp: boolean;
  /** It was synced, on top of one that was given up. */
  isCertain: boolean;
}

/** Bytes that grow: in steps of their own size, as a log is written in thousands of small pieces. */
class Bytes {
  #bytes: Buffer;
  #length: number;

  constructor(bytes: Buffer) {
    this.#bytes = Buffer.from(bytes);
    this.#length = bytes.length;
  }

  view(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  resize(length: number): void {
    if (length > this.#bytes.length) this.#bytes = Buffer.concat([this.view(), Buffer.alloc(2 * length - this.#length)]);
    else if (length < this.#length) this.#bytes.fill(0, length, this.#length);
    this.#length = length;
  }

  write(offset: number, part: Buffer): void {
    if (this.#length < offset + part.length) this.resize(offset + part.length);
    part.copy(this.#bytes, offset);
  }
}

/** A file: what is certain to be on the disk, and what was done to it since. */
class DiskFile {
  readonly #certain: Bytes;
  #changes: Change[] = [];

  constructor(bytes: Buffer) {
    this.#certain = new Bytes(bytes);
  }

  change(record: DiskRecord): void {
    this.#changes.push({ record, isGivenUp: false, isCertain: false });
  }

  sync(hasFailed: boolean): void {
    if (hasFailed) {
      for (const change of this.#changes) change.isGivenUp ||= !change.isCertain;
    } else if (this.#changes.some(({ isGivenUp }) => isGivenUp)) {
      for (const change of this.#changes) change.isCertain ||= !change.isGivenUp;
    } else {
      for (const { record } of this.#changes) applyWhole(record, this.#certain);
      this.#changes = [];
    }
  }

  /** As it was seen while the system ran. */
  whole(): Buffer {
    const bytes = new Bytes(this.#certain.view());
    for (const { record } of this.#changes) applyWhole(record, bytes);
    return bytes.view();
  }

  /** As a power cut may leave it: each change that is not certain is there, or not, or in part. */
  torn(random: Random): Buffer {
    const bytes = new Bytes(this.#certain.view());
    for (const { record, isCertain } of this.#changes) {
      if (isCertain) applyWhole(record, bytes);
      else applyTorn(record, bytes, random);
    }
    return bytes.view();
  }
}

function applyWhole(record: DiskRecord, to: Bytes): void {
  if (record.operation === 'truncate') to.resize(record.offset);
  else to.write(record.offset, record.bytes);
}

function applyTorn(record: DiskRecord, to: Bytes, random: Random): void {
  if (record.operation === 'truncate') {
    if (random.chance(0.5)) to.resize(record.offset);
    return;
  }
  for (const [from, end] of someOf(record, random)) to.write(record.offset + from, record.bytes.subarray(from, end));
}

/** What of a write has reached the disk: all, nothing, its beginning, or some sectors. */
function someOf({ offset, bytes }: DiskRecord, random: Random): (readonly [from: number, to: number])[] {
  const { length } = bytes;
  const how = random.between(0, 3);
  if (how === 0) return [];
  if (how === 1) return [[0, length]];
  if (how === 2) return [[0, random.between(0, length)]];
  const parts: (readonly [number, number])[] = [];
  for (let from = 0; from < length; ) {
    const to = Math.min(length, from + SECTOR_BYTES - ((offset + from) % SECTOR_BYTES));
    if (random.chance(0.5)) parts.push([from, to]);
    from = to;
  }
  return parts;
}

/** What is in a folder that a power cut may hit: which names are certain, and what is in the files. */
export class Disk {
  readonly #certain: Map<string, DiskFile>;
  readonly #names: Map<string, DiskFile>;
  /** Names made (with their file) and taken away (without) since the folder was last synced, in order. */
  #entries: (readonly [name: string, file: DiskFile | undefined])[] = [];

  constructor(files: ReadonlyMap<string, Buffer>) {
    this.#certain = new Map([...files].map(([name, bytes]) => [name, new DiskFile(bytes)]));
    this.#names = new Map(this.#certain);
  }

  apply(record: DiskRecord): void {
    const { operation, name, hasFailed } = record;
    if (name === '/') {
      if (!hasFailed) this.#syncFolder();
      return;
    }
    const file = this.#names.get(name);
    if (operation === 'open' || operation === 'unlink') {
      if (operation === 'open' && file !== undefined) return;
      const made = operation === 'open' ? new DiskFile(Buffer.alloc(0)) : undefined;
      this.#entries.push([name, made]);
      enter(this.#names, name, made);
    } else if (file === undefined) {
      throw new Error(`${operation} on ${name}, which is not there`);
    } else if (operation === 'sync') {
      file.sync(hasFailed);
    } else {
      file.change(record);
    }
  }

  #syncFolder(): void {
    for (const [name, file] of this.#entries) enter(this.#certain, name, file);
    this.#entries = [];
  }

  /** The files as they were seen while the system ran. */
  whole(): Map<string, Buffer> {
    return new Map([...this.#names].map(([name, file]) => [name, file.whole()]));
  }

  /** The files as a power cut may leave them. Of the names, some of the first that are not certain are kept. */
  torn(random: Random): Map<string, Buffer> {
    const names = new Map(this.#certain);
    for (const [name, file] of this.#entries.slice(0, random.between(0, this.#entries.length))) enter(names, name, file);
    return new Map([...names].map(([name, file]) => [name, file.torn(random)]));
  }
}

function enter(names: Map<string, DiskFile>, name: string, file: DiskFile | undefined): void {
  if (file === undefined) names.delete(name);
  else names.set(name, file);
}
