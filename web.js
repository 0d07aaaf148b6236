import { cpSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';

/**
 * What `npm run build` runs after the compiler: puts the files of web pages where the server reads
 * them, with those of other packages that the pages need, and their licences.
 */
const VENDORED = {
  dashboard: ['uplot/dist/uPlot.esm.js', 'uplot/dist/uPlot.min.css', 'uplot/LICENSE'],
  doc: [
    'swagger-ui-dist/swagger-ui-bundle.js',
    'swagger-ui-dist/swagger-ui-bundle.js.LICENSE.txt',
    'swagger-ui-dist/swagger-ui.css',
    'swagger-ui-dist/favicon-32x32.png',
    'swagger-ui-dist/LICENSE',
    'swagger-ui-dist/NOTICE',
  ],
};

const root = import.meta.dirname;
const require = createRequire(import.meta.url);

cpSync(join(root, 'lib/web'), join(root, 'dist/web'), { recursive: true });
for (const [folder, files] of Object.entries(VENDORED)) {
  const target = join(root, 'dist/web', folder);
  mkdirSync(target, { recursive: true });
  for (const file of files) cpSync(require.resolve(file), join(target, targetName(file)));
}

/** A licence has the package in its name, all texts an ending that says that they are texts, and a module no other format beside it. */
function targetName(file) {
  const name = basename(file).replace(/\.esm\.js$/, '.js');
  return name.includes('.') ? name : `${dirname(file)}.${name}.txt`;
}
