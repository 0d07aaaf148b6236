import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/**
 * What npm runs after an install in a checkout: the build, where the compiler was installed too.
 * `npm ci --omit=dev` leaves it out, which is right for a checkout that was built before.
 */
const isThere = (path) => existsSync(new URL(path, import.meta.url));

if (isThere('node_modules/typescript')) {
  process.exit(spawnSync('npm run build', { shell: true, stdio: 'inherit' }).status ?? 1);
}
if (!isThere('dist/index.js')) {
  console.error('incrementer: neither dist nor the compiler is here: npm ci && npm run build && npm prune --omit=dev');
  process.exit(1);
}
