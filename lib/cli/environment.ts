import { OPTIONS } from '../config.js';
import { suggestion } from './nearest.js';

const PREFIX = 'INCREMENTER_';

/** What names the config file. */
export const CONFIG_VARIABLE = `${PREFIX}CONFIG`;

/** What stands behind the prefix in the variables that there are. */
const NAMES = new Set(
  [...Object.values(OPTIONS).map(({ variable }) => variable), CONFIG_VARIABLE].map((name) => name.slice(PREFIX.length)),
);

/** What Kubernetes gives each pod, where a Service is called as this program is. */
const SERVICE_LINK = /^(SERVICE|PORT)_/;

/** What is wrong with variables that look like an option's and are none's: nobody else would say that a letter is missing. */
export function strayVariables(environment: NodeJS.ProcessEnv): string[] {
  const ours = Object.keys(environment).filter((variable) => variable.startsWith(PREFIX));
  const stray = ours
    .map((variable) => variable.slice(PREFIX.length))
    .filter((name) => !NAMES.has(name) && !SERVICE_LINK.test(name));
  return stray.map((name) => `no option has the variable ${PREFIX}${name}${suggestion(name, NAMES, PREFIX)}`);
}
