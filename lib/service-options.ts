import type { Option } from './option.js';
import { duration, someOf, wholeNumber } from './option-values.js';

/** Which services there are, and the options of those that are off unless asked for. */
export const SERVICE_OPTIONS = {
  services: {
    flag: '--services',
    placeholder: 'name',
    variable: 'INCREMENTER_SERVICES',
    default: 'counters,accounts',
    meaning:
      'what it serves: `counters`, which is always on, `accounts`, `points`, `lab`, or `all`; ' +
      'repeatable, in the variable separated by commas',
    isRepeatable: true,
    read: someOf('counters', 'accounts', 'points', 'lab'),
  },
  pointsUsers: {
    flag: '--points-users',
    placeholder: 'number',
    variable: 'INCREMENTER_POINTS_USERS',
    default: '1000000',
    meaning: 'users with points; those that the file lacks are made at the start, and none is ever removed',
    read: wholeNumber(1, 2 ** 24),
  },
  pointsTick: {
    flag: '--points-tick',
    placeholder: 'time',
    variable: 'INCREMENTER_POINTS_TICK',
    default: '60s',
    meaning: 'time from one tick, which draws all points again, to the next',
    read: duration,
  },
  labDelay: {
    flag: '--lab-delay',
    placeholder: 'time',
    variable: 'INCREMENTER_LAB_DELAY',
    default: '500ms',
    meaning: 'how long a use of the slow resource of the load lab takes',
    read: duration,
  },
  labLimit: {
    flag: '--lab-limit',
    placeholder: 'number',
    variable: 'INCREMENTER_LAB_LIMIT',
    default: '0',
    defaultNote: '0, no limit',
    meaning: 'uses of the slow resource at the same time; beyond it requests get 500 `resource-busy`',
    read: wholeNumber(0, 100_000),
  },
} as const satisfies Record<string, Option<unknown>>;
