import cliProgress from 'cli-progress';

/** What is shown on a terminal of something that takes its time. Where stderr is no terminal, nothing is. */
export class ProgressBar {
  readonly #what: string;
  #bar: cliProgress.SingleBar | undefined;

  /** @param what is being done. */
  constructor(what: string) {
    this.#what = what;
  }

  /**
   * @param total the same each time; 0 where it is not known.
   * @param count what is shown in the place of a part of the total.
   */
  show(done: number, total: number, count = done): void {
    this.#bar ??= this.#start(total);
    this.#bar.update(done, { count });
  }

  #start(total: number): cliProgress.SingleBar {
    const format = total > 0 ? `${this.#what} [{bar}] {percentage}%` : `${this.#what}: {count} so far`;
    // What is turned off on a terminal stays off when the process is interrupted: so nothing is.
    const options = { format, stream: process.stderr, clearOnComplete: true, linewrap: true };
    const bar = new cliProgress.SingleBar(options, cliProgress.Presets.legacy);
    bar.start(total, 0, { count: 0 });
    return bar;
  }

  /** Takes it off the terminal. */
  clear(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }
}
