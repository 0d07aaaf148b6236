import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'tap';
import { ROOT } from '../node-process.js';

const STYLE = readFileSync(join(ROOT, 'lib/web/dashboard/style.css'), 'utf8');

/** What WCAG 2.2 asks for, level AA: of text (1.4.3), and of what shows where a control or a line is (1.4.11). */
const TEXT = 4.5;
const SHAPE = 3;

/** What stands on what. */
const PAIRS: readonly (readonly [front: string, back: string, least: number])[] = [
  ...['--paper', '--panel'].flatMap((back) =>
    ['--ink', '--muted', '--first', '--second', '--good', '--bad', '--waiting'].map((front) => [front, back, TEXT] as const),
  ),
  ['--ink', '--share', TEXT],
  ['--first', '--share', TEXT],
  ['--button-ink', '--button', TEXT],
  ['--edge', '--paper', SHAPE],
  ['--edge', '--panel', SHAPE],
  ['--button', '--paper', SHAPE],
];

const schemes = [...STYLE.matchAll(/:root \{([^}]*)\}/g)].map(([, list]) => colors(list as string));

function colors(list: string): Map<string, string> {
  return new Map([...list.matchAll(/(--[a-z-]+): (#[0-9a-f]{6});/g)].map(([, name, color]) => [name as string, color as string]));
}

/** WCAG 2.2, relative luminance. */
function luminance(color: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

test('the measure is the right one', async (t) => {
  t.equal(contrast('#000000', '#ffffff'), 21);
  t.equal(contrast('#777777', '#ffffff').toFixed(2), '4.48');
});

for (const [i, name] of ['light', 'dark'].entries()) {
  test(`whatever stands on something can be told from it, when it is ${name}`, async (t) => {
    const scheme = new Map([...(schemes[0] ?? []), ...(schemes[i] ?? [])]);
    for (const [front, back, least] of PAIRS) {
      const ratio = contrast(scheme.get(front) ?? 'none', scheme.get(back) ?? 'none');
      t.ok(ratio >= least, `${front} on ${back}: ${ratio.toFixed(2)}, at least ${least}`);
    }
  });
}

test('no colour stands anywhere but in the two lists', async (t) => {
  const rules = STYLE.replace(/:root \{[^}]*\}/g, '');
  t.same(rules.match(/#[0-9a-f]{3,8}\b|rgba?\(|hsla?\(/g) ?? [], []);
});
