import type { Caller } from '../../http/caller.js';
import { type EventStream, formatEvent, HEARTBEAT } from '../../http/event-stream.js';
import { type Recorder, TICK_MS } from './recorder.js';

/** How often a viewer hears something while nothing changes. */
const HEARTBEAT_TICKS = 15_000 / TICK_MS;

/** Has a job done every so many milliseconds, until the function that it returns is called. */
export type Every = (ms: number, job: () => void) => () => void;

export interface ViewersOptions {
  readonly recorder: Recorder;
  /** What does not change: how the lab was set up. */
  readonly settings: object;
  readonly every?: Every;
}

interface Viewer {
  readonly stream: EventStream;
  readonly caller: Caller;
  isBlocked: boolean;
}

/**
 * Those who look at the lab: each is told of everything when it comes, and then of what has changed, ten
 * times a second at the most. One that does not keep up is not buffered for, and is told of
 * everything again when it reads.
 */
export class Viewers {
  readonly #recorder: Recorder;
  readonly #settings: object;
  readonly #every: Every;
  readonly #viewers = new Set<Viewer>();
  #stop: () => void = () => undefined;
  #silentTicks = 0;

  constructor({ recorder, settings, every = everyMs }: ViewersOptions) {
    this.#recorder = recorder;
    this.#settings = settings;
    this.#every = every;
  }

  get count(): number {
    return this.#viewers.size;
  }

  start(): void {
    this.#stop = this.#every(TICK_MS, () => this.#tick());
  }

  stop(): void {
    this.#stop();
  }

  /** Adds a viewer, until its stream is over, or its caller not valid any more. */
  add(stream: EventStream, caller: Caller): void {
    const viewer = { stream, caller, isBlocked: false };
    this.#viewers.add(viewer);
    stream.onClose(() => this.#viewers.delete(viewer));
    stream.onWritable(() => this.#tellAll(viewer));
    this.#tellAll(viewer);
  }

  #tellAll(viewer: Viewer): void {
    const data = JSON.stringify({ ...this.#settings, ...this.#recorder.state });
    viewer.isBlocked = !viewer.stream.write(formatEvent({ event: 'state', data }));
  }

  #tick(): void {
    const change = this.#recorder.tick();
    for (const { caller, stream } of this.#viewers) if (!caller.isValid) stream.end();
    this.#silentTicks++;
    if (change === undefined && this.#silentTicks < HEARTBEAT_TICKS) return;
    this.#silentTicks = 0;
    const chunk = change === undefined ? HEARTBEAT : formatEvent({ event: 'change', data: JSON.stringify(change) });
    // The same bytes for all of them.
    const bytes = Buffer.from(chunk);
    for (const viewer of this.#viewers) if (!viewer.isBlocked) viewer.isBlocked = !viewer.stream.write(bytes);
  }
}

function everyMs(ms: number, job: () => void): () => void {
  const timer = setInterval(job, ms);
  return () => clearInterval(timer);
}
