import type { AccessLog, Visit } from './access-log.js';
import { NodeExchange } from './node-exchange.js';

/** The exchanges of requests that are logged. A class of their own, so that others pay nothing for it. */
export function loggedBy(log: AccessLog): typeof NodeExchange {
  return class extends NodeExchange {
    readonly #visit: Visit;

    constructor(...given: ConstructorParameters<typeof NodeExchange>) {
      super(...given);
      const [, , , , { method, path, match }] = given;
      this.#visit = log.begin(this, { method, route: match?.route?.path, path });
    }

    protected override onEnd(status: number, body: string | Uint8Array): void {
      super.onEnd(status, body);
      this.#visit.end(status, body);
    }
  };
}
