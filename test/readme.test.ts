import { readFileSync } from 'node:fs';
import t from 'tap';
import { OPTIONS } from '../dist/config.js';
import { PROBLEMS } from '../dist/http/problem.js';

/** The formatter pads the cells of tables. */
const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8').replaceAll(/ +/g, ' ');

t.test('the README has every option, as the command line has it', async (t) => {
  for (const option of Object.values(OPTIONS)) {
    const byDefault = 'defaultNote' in option ? option.defaultNote : `\`${option.default}\``;
    t.ok(readme.includes(`| \`${option.flag}\` | \`${option.variable}\` | ${byDefault} | ${option.meaning} |`), option.flag);
  }
});

t.test('the README has every problem, under its status', async (t) => {
  for (const [code, [status]] of Object.entries(PROBLEMS)) {
    const row = readme.split('\n').find((line) => line.startsWith(`| ${status} |`));
    t.ok(row?.includes(`\`${code}\``), code);
  }
});
