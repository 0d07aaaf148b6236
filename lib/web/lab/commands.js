import { element, say } from '/assets/element.js';

const COPIED_MS = 2_000;

/**
 * The commands to try, for a POSIX shell.
 *
 * @param {string} origin of the server, such as `http://localhost:3333`
 * @param {boolean} hasToken whether a token is sent: from the environment, for it is nobody else's to see
 * @returns {Readonly<Record<string, string>>} by name
 */
export function commandLines(origin, hasToken) {
  // `ab` gives up on a name whose first address nobody listens on.
  const base = `${origin.replace('//localhost', '//127.0.0.1')}/part1`;
  const token = hasToken ? '-H "Authorization: Bearer $INCREMENTER_TOKEN" ' : '';
  return {
    'ab-serial': `ab -k -n 3000 -c 50 ${token}${base}/serial`,
    'ab-async': `ab -k -n 3000 -c 50 ${token}${base}/async`,
    'wrk-serial': `wrk -t1 -c50 -d10s --latency ${token}${base}/serial`,
    'wrk-async': `wrk -t1 -c50 -d10s --latency ${token}${base}/async`,
  };
}

/** Writes the commands into the page, each with a button that copies it where the browser lets it. */
export class Commands {
  #places = /** @type {HTMLElement[]} */ ([...document.querySelectorAll('[data-command]')]);

  constructor() {
    if (navigator.clipboard !== undefined) for (const place of this.#places) offerCopy(place);
  }

  /** @param {boolean} hasToken */
  show(hasToken) {
    const lines = commandLines(location.origin, hasToken);
    for (const place of this.#places) place.textContent = lines[place.dataset.command ?? ''] ?? '';
  }
}

/** @param {HTMLElement} place */
function offerCopy(place) {
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = 'Copy';
  button.ariaLabel = `Copy the command for ${place.dataset.command?.replace('-', ', ')}`;
  button.addEventListener('click', async () => {
    const isCopied = await navigator.clipboard.writeText(place.textContent ?? '').then(
      () => true,
      () => false,
    );
    button.textContent = isCopied ? 'Copied' : 'Not allowed';
    say(element('#copied'), button.textContent);
    setTimeout(() => {
      button.textContent = 'Copy';
      say(element('#copied'), '');
    }, COPIED_MS);
  });
  place.closest('.command')?.append(button);
}
