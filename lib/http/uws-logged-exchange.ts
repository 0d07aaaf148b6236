import type { AccessLog, Visit } from './access-log.js';
import { UwsExchange } from './uws-exchange.js';
import { asSent } from './uws-reads.js';

/** The exchanges of requests that are logged. A class of their own, so that others pay nothing for it. */
export function loggedBy(log: AccessLog): typeof UwsExchange {
  return class extends UwsExchange {
    readonly #visit: Visit;

    constructor(...given: ConstructorParameters<typeof UwsExchange>) {
      super(...given);
      const [, , req, { path }] = given;
      const route = path === '' ? undefined : path;
      this.#visit = log.begin(this, { method: req.getCaseSensitiveMethod(), route, path: asSent(req.getUrl()) });
    }

    protected override onEnd(status: number, body: string | Uint8Array): void {
      super.onEnd(status, body);
      this.#visit.end(status, body);
    }
  };
}
