import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Test } from 'tap';
import { ROOT } from './node-process.js';

interface Manifest {
  readonly bin: { readonly incrementer: string };
  readonly dependencies: Readonly<Record<string, string>>;
}

/**
 * What `npm install incrementer` leaves in an empty folder: the packed files, and the packages that
 * they depend on. These are links, as one of them takes minutes to compile.
 */
export class UnpackedPackage {
  /** Where it was installed. */
  readonly folder: string;
  /** The packed files, relative to the package's folder. */
  readonly files: readonly string[];
  readonly #manifest: Manifest;

  constructor(t: Test) {
    // Not within the project: what is missing here would be found there.
    this.folder = mkdtempSync(join(realpathSync(tmpdir()), 'incrementer-'));
    t.teardown(() => rmSync(this.folder, { recursive: true, force: true }));
    // Without scripts: they would build again, while other tests run what is built.
    const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', this.folder];
    const [packed] = JSON.parse(execFileSync('npm', args, { cwd: ROOT, encoding: 'utf8' })) as {
      filename: string;
      files: { path: string }[];
    }[];
    if (packed === undefined) throw new Error('npm packed nothing');
    this.files = packed.files.map(({ path }) => path);
    mkdirSync(this.path, { recursive: true });
    execFileSync('tar', ['-xzf', join(this.folder, packed.filename), '--strip-components=1', '-C', this.path]);
    this.#manifest = JSON.parse(readFileSync(join(this.path, 'package.json'), 'utf8')) as Manifest;
    for (const name of Object.keys(this.#manifest.dependencies)) this.link(name);
  }

  /** The package's folder. */
  get path(): string {
    return join(this.folder, 'node_modules', 'incrementer');
  }

  get executable(): string {
    return join(this.path, this.#manifest.bin.incrementer);
  }

  /** Makes a package of this project's there for programs in the folder. */
  link(name: string): void {
    const path = join(this.folder, 'node_modules', name);
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), path);
  }
}
