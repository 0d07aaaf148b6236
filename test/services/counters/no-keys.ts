import { Keys } from '../../../dist/services/counters/keys.js';

/** Where no counter is known. */
export const keys = new Keys({ spelled: () => undefined });
