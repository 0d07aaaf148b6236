/**
 * The command line that makes the same increment, for a POSIX shell.
 *
 * @param {object} increment
 * @param {string} increment.origin of the server, such as `http://localhost:3333`
 * @param {string} increment.key
 * @param {string} increment.value
 * @param {boolean} increment.onDisk whether the reply waits for the disk
 * @param {boolean} increment.hasToken whether a token is sent: from the environment, for it is nobody else's to see
 * @returns {string}
 */
export function curlLine({ origin, key, value, onDisk, hasToken }) {
  const fields = [`key=${key}`, `value=${value}`, ...(onDisk ? ['durability=disk'] : [])];
  return [
    'curl',
    shellQuoted(`${origin}/increment`),
    // The one part that the shell is to look into.
    ...(hasToken ? ['-H "Authorization: Bearer $INCREMENTER_TOKEN"'] : []),
    ...fields.map((field) => `--data-urlencode ${shellQuoted(field)}`),
  ].join(' ');
}

/**
 * A text as one word of a POSIX shell.
 *
 * @param {string} text
 * @returns {string}
 */
export function shellQuoted(text) {
  return PLAIN.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** What no shell reads anything into. */
const PLAIN = /^[A-Za-z0-9_%+=:,./-]+$/;
