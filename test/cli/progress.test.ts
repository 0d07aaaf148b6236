import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'tap';
import { command, fileIn, shell } from './command.js';

/** util-linux's script(1) runs a command on a terminal of its own. */
const hasScript = process.platform === 'linux' && shell('script --version').status === 0;

test('an import shows its progress on a terminal, and nowhere else', { skip: !hasScript && 'no script(1)' }, async (t) => {
  const db = fileIn(t);
  const file = join(dirname(db), 'many.ndjson');
  writeFileSync(file, Array.from({ length: 50_000 }, (_, i) => `{"key":"key${i}","value":1}\n`).join(''));
  const { stdout } = shell(`script -qec "'$0' import --db '$1' '$2'" /dev/null`, db, file);
  t.match(stdout, /importing \[=*-*\] \d+%/);
  t.match(stdout, /imported 50000 items: 50000 counters are new/);
  const piped = await command(t, ['import', '--db', db, file]);
  t.same(piped, { code: 0, stderr: '', stdout: 'imported 50000 items: 0 counters are new\n' });
});
