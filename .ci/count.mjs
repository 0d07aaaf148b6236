// node .ci/count.mjs DIRECTORY STATUS
//
// Counts the assertions in the results that tap left in DIRECTORY, prints those that failed and then
// "N passed, N failed", and exits with a failure if anything failed. STATUS is how the test command exited: where it failed
// and no assertion did (types, lint, a test file that never came to an end), that is one failure.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Parser } from 'tap-parser';

const [directory, status] = process.argv.slice(2);
/** Characters of what is known about a failure. */
const DIAGNOSIS_MAX = 1_500;

let passed = 0;
let failed = 0;
let skipped = 0;

for (const file of resultFiles(directory)) {
  for (const [event, result] of Parser.parse(readFileSync(file, 'utf8'), { flat: true })) {
    if (event !== 'assert') continue;
    if (result.skip || result.todo) skipped++;
    else if (result.ok) passed++;
    else report(file, result);
  }
}
if (status !== '0' && failed === 0) {
  console.log(`no assertion failed, and the tests ended with ${status}`);
  failed = 1;
}
if (passed === 0 && failed === 0) failed = 1; // Nothing ran.
if (skipped > 0) console.log(`${skipped} skipped`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** The log is long, and often only its end is looked at. */
function report(file, { fullname, diag }) {
  failed++;
  console.log(`failed: ${relative(directory, file)}: ${fullname}`);
  if (diag !== null) console.log(JSON.stringify(diag, null, 2).slice(0, DIAGNOSIS_MAX));
}

function resultFiles(directory) {
  if (!existsSync(directory)) return [];
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile() && entry.name.endsWith('.tap')).map((entry) => join(entry.path, entry.name));
}
