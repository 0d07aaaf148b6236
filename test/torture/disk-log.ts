import { OPERATIONS, type Operation } from './fault-disk.js';

/** One operation on the disk, as `struct record` in fault-disk.c tells it. */
export interface DiskRecord {
  /** On the system's monotonic clock. */
  readonly ms: number;
  readonly operation: Operation;
  /** What follows the database's path in the file's, or `/` for the folder. */
  readonly name: string;
  /** Of a write; of a truncation, the length that is left. */
  readonly offset: number;
  readonly bytes: Buffer;
  readonly hasFailed: boolean;
}

const HEAD_BYTES = 48;
const NAME_AT = 24;

/** The records of a log. A kill may have cut the last one short: then it was not done. */
export function readDiskLog(log: Buffer): DiskRecord[] {
  const records: DiskRecord[] = [];
  for (let at = 0; at + HEAD_BYTES <= log.length; ) {
    const length = log.readUInt32LE(at + 16);
    const end = at + HEAD_BYTES + length;
    if (end > log.length) break;
    const operation = OPERATIONS[log.readUInt16LE(at + 20)];
    if (operation === undefined) throw new RangeError(`no operation: ${log.readUInt16LE(at + 20)}`);
    records.push({
      ms: Number(log.readBigUInt64LE(at)) / 1e6,
      operation,
      name: log.toString('latin1', at + NAME_AT, at + HEAD_BYTES).replace(/\0.*$/s, ''),
      offset: Number(log.readBigInt64LE(at + 8)),
      bytes: log.subarray(at + HEAD_BYTES, end),
      hasFailed: log.readUInt16LE(at + 22) !== 0,
    });
    at = end;
  }
  return records;
}
