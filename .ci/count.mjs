// node .ci/count.mjs DIRECTORY STATUS
//
// Counts the assertions in the results that tap left in DIRECTORY, prints "N passed, N failed", and
// exits with a failure if anything failed. STATUS is how the test command exited: where it failed
// and no assertion did (types, lint, a test file that never came to an end), that is one failure.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Parser } from 'tap-parser';

const [directory, status] = process.argv.slice(2);
let passed = 0;
let failed = 0;
let skipped = 0;

for (const file of resultFiles(directory)) {
  for (const [event, result] of Parser.parse(readFileSync(file, 'utf8'), { flat: true })) {
    if (event !== 'assert') continue;
    if (result.skip || result.todo) skipped++;
    else if (result.ok) passed++;
    else failed++;
  }
}
if (status !== '0' && failed === 0) failed = 1;
if (passed === 0 && failed === 0) failed = 1; // Nothing ran.
if (skipped > 0) console.log(`${skipped} skipped`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

function resultFiles(directory) {
  if (!existsSync(directory)) return [];
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile() && entry.name.endsWith('.tap')).map((entry) => join(entry.path, entry.name));
}
