/**
 * An element of the page, by its selector.
 *
 * @template {HTMLElement} [T=HTMLElement]
 * @param {string} selector
 * @param {new () => T} [type]
 * @returns {T}
 * @throws {Error} when the page has no such element: page and script are not of one version.
 */
export function element(selector, type) {
  const found = document.querySelector(selector);
  if (found instanceof (type ?? HTMLElement)) return /** @type {T} */ (found);
  throw new Error(`the page has no ${selector}`);
}

/**
 * Says something to those who see the page and to those who hear it: the element has to be a live
 * region.
 *
 * @param {HTMLElement} place
 * @param {string} text
 * @param {'good' | 'bad' | 'plain'} [tone]
 */
export function say(place, text, tone = 'plain') {
  place.dataset.tone = tone;
  if (place.textContent !== text) place.textContent = text;
}
