import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Disk } from './disk.js';
import { type DiskRecord, readDiskLog } from './disk-log.js';
import { FaultDisk } from './fault-disk.js';
import { type Image, readImage } from './image.js';
import type { Medium } from './medium.js';
import type { Random } from './random.js';

const INDEX = '-shm';

/**
 * A disk that loses power when the server crashes: of what was not synced, some is there, some is
 * not, and some is there in part.
 */
export class TornDisk implements Medium {
  readonly #random: Random;
  readonly #otherCrashes: number;
  readonly #isLying: boolean;
  #path = '';
  #faultDisk: FaultDisk | undefined;
  /** What was on the disk when the server was started, and what was done since. */
  #files: ReadonlyMap<string, Buffer> = new Map();
  #records: DiskRecord[] | undefined;

  /**
   * @param otherCrashes how many other instants of every run are to be looked at.
   * @param isLying at these other instants, no sync has done anything.
   */
  constructor(random: Random, otherCrashes: number, isLying = false) {
    this.#random = random;
    this.#otherCrashes = otherCrashes;
    this.#isLying = isLying;
  }

  get env(): Readonly<Record<string, string>> {
    return this.#faultDisk?.env ?? {};
  }

  /** How to have it fail. */
  get faults(): FaultDisk {
    if (this.#faultDisk === undefined) throw new Error('the disk has not begun');
    return this.#faultDisk;
  }

  get db(): string {
    return join(this.#path, 'data', 'numbers.db');
  }

  begin(): void {
    this.end();
    this.#path = realpathSync(mkdtempSync(join(tmpdir(), 'incrementer-torn-')));
    mkdirSync(join(this.#path, 'data'));
    mkdirSync(join(this.#path, 'other'));
    this.#faultDisk = new FaultDisk(this.#path, this.db);
    this.#files = new Map();
    this.#records = undefined;
  }

  /** @throws Error when the files are not what the log says: then the log misses something. */
  crash(): void {
    const disk = new Disk(this.#files);
    for (const record of this.#log()) disk.apply(record);
    this.#compare(disk.whole());
    const hasIndex = this.#random.chance(0.5);
    const index = hasIndex ? readFiles(this.db).get(INDEX) : undefined;
    this.#files = disk.torn(this.#random);
    this.#records = undefined;
    writeFiles(this.db, this.#files);
    if (index !== undefined) writeFileSync(this.db + INDEX, index);
  }

  *otherCrashes(): Iterable<readonly [image: Image, crashMs: number]> {
    const records = this.#log();
    const instants = Array.from({ length: this.#otherCrashes }, () => this.#random.between(0, records.length));
    const disk = new Disk(this.#files);
    const db = join(this.#path, 'other', 'numbers.db');
    for (const [i, record] of records.entries()) {
      for (const _ of instants.filter((instant) => instant === i)) {
        writeFiles(db, disk.torn(this.#random));
        yield [readImage(db), record.ms];
      }
      if (!this.#isLying || record.operation !== 'sync') disk.apply(record);
    }
  }

  end(): void {
    this.#faultDisk?.close();
    this.#faultDisk = undefined;
    if (this.#path !== '') rmSync(this.#path, { recursive: true });
    this.#path = '';
  }

  #log(): readonly DiskRecord[] {
    this.#records ??= readDiskLog(this.#faultDisk?.takeLog() ?? Buffer.alloc(0));
    return this.#records;
  }

  /** The last operation may not have been done when the server was killed: it is left out. */
  #compare(expected: ReadonlyMap<string, Buffer>): void {
    const last = this.#log().at(-1)?.name;
    const real = readFiles(this.db);
    real.delete(INDEX);
    for (const name of new Set([...real.keys(), ...expected.keys()])) {
      if (name === last) continue;
      const bytes = real.get(name);
      const told = expected.get(name);
      if (bytes === undefined || told === undefined || !bytes.equals(told)) {
        throw new Error(
          `the log of the disk is not all that was done to numbers.db${name}: ${told?.length} bytes, ${bytes?.length} real`,
        );
      }
    }
  }
}

/** The files of a database, by what follows its path. */
function readFiles(db: string): Map<string, Buffer> {
  const folder = join(db, '..');
  // The server's socket is there as well.
  const names = readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isFile() ? entry.name : []));
  return new Map(names.map((name) => [name.slice('numbers.db'.length), readFileSync(join(folder, name))]));
}

function writeFiles(db: string, files: ReadonlyMap<string, Buffer>): void {
  for (const name of readFiles(db).keys()) rmSync(db + name);
  for (const [name, bytes] of files) writeFileSync(db + name, bytes);
}
