import { statSync } from 'node:fs';
import { backUp } from '../store/sqlite/backup.js';
import { TABLES } from '../tables.js';
import { CommandError } from './exit.js';
import { ProgressBar } from './progress.js';

export interface BackupCommandOptions {
  readonly db: string;
  readonly force?: true;
}

/** Copies the database into one file, also while a server runs on it. A signal ends it without a trace. */
export async function backup(target: string, { db, force }: BackupCommandOptions): Promise<void> {
  const progress = new ProgressBar('copying');
  let signalled: NodeJS.Signals | undefined;
  const onSignal = (signal: NodeJS.Signals) => {
    signalled = signal;
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  try {
    const { seq, ceilingSeq } = await backUp(db, target, {
      tables: TABLES,
      replace: force === true,
      onProgress(done, all) {
        if (signalled !== undefined) throw new CommandError(`${signalled}: no backup was made`);
        progress.show(done, all);
      },
    });
    progress.clear();
    const pending = ceilingSeq - seq;
    const rest = pending === 0 ? '' : `; of later ones, at most ${pending} were in memory only, and are not`;
    process.stdout.write(`${target}: ${statSync(target).size} bytes; every write up to seq ${seq} is in it${rest}\n`);
  } finally {
    progress.clear();
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}
