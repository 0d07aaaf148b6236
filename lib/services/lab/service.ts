import type { Route } from '../../http/route.js';
import { Lab, USES_MAX } from './lab.js';
import { Recorder } from './recorder.js';
import { labRoutes } from './routes.js';
import { SlowResource } from './slow-resource.js';
import { Viewers } from './viewers.js';

export interface LabServiceOptions {
  /** How long a use of the resource takes, in milliseconds. */
  readonly labDelay: number;
  /** How many use it at the same time at the most; 0 where no limit is asked for. */
  readonly labLimit: number;
  /** Where the page's files are. */
  readonly folder: URL;
  /** A monotonic clock, in milliseconds. */
  readonly nowMs: () => number;
  /** The time of day, in milliseconds since 1970. */
  readonly wallMs: () => number;
}

/** The load lab as a service: it keeps nothing in the store. */
export class LabService {
  readonly loadings = [];
  readonly #resource: SlowResource;
  readonly #viewers: Viewers;
  readonly #routes: Route[];

  constructor({ labDelay, labLimit, folder, nowMs, wallMs }: LabServiceOptions) {
    this.#resource = new SlowResource({ delayMs: labDelay, limit: labLimit === 0 ? USES_MAX : labLimit, nowMs });
    const lab = new Lab({ resource: this.#resource, limit: labLimit, nowMs });
    const settings = { delay_ms: labDelay, limit: labLimit };
    this.#viewers = new Viewers({ recorder: new Recorder(lab, wallMs), settings });
    this.#routes = labRoutes({ lab, viewers: this.#viewers, folder });
  }

  routes(): Route[] {
    return this.#routes;
  }

  start(): void {
    this.#viewers.start();
  }

  /** Uses that go on behind end here: nobody was promised that they come to their end. */
  stop(): void {
    this.#viewers.stop();
    this.#resource.stop();
  }
}
