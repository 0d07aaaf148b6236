/** What the process ends with, for every command; the help and the README say the same. */
export const EXIT = {
  done: 0,
  /** It could not be done; `verify`: the file is not sound. */
  failed: 1,
  /** The command line is wrong, and nothing was tried; `verify`: the file can't be read. */
  usage: 2,
} as const;

/** A command can't do its work. The message is one line for the person who gave it. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** An error of the system: a file or a stream can't be had, read or written. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}
