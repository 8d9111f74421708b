/** The tree is copied once, so that a mutation run can't leave a mutant behind in the checkout; mutants are put in and taken out. */
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CACHE, CHECKOUT } from '../../tools/checkout';
import { applied, type Mutant } from './mutant';

const COPIED = ['core', 'ledger', 'nodes', 'credentials', 'importer', 'demo', 'bench', 'test', 'tools', 'workflows', 'docs', 'README.md', 'package.json', 'tsconfig.json', 'tsconfig.build.json', 'vitest.config.mts'];

export class CopyOfTree {
  private constructor(readonly root: string) {}

  static async make(): Promise<CopyOfTree> {
    const root = await mkdtemp(join(tmpdir(), 'mutants-'));
    for (const name of COPIED) await cp(join(CHECKOUT, name), join(root, name), { recursive: true });
    await symlink(join(CHECKOUT, 'node_modules'), join(root, 'node_modules'));
    await symlink(CACHE, join(root, '.cache'));
    return new CopyOfTree(root);
  }

  /** Runs `body` while the mutant is in the tree. */
  async with<Result>(mutant: Mutant, body: () => Promise<Result>): Promise<Result> {
    const originals = new Map<string, string>();
    try {
      for (const edit of mutant.edits) {
        const path = join(this.root, edit.file);
        const text = await readFile(path, 'utf8');
        if (!originals.has(path)) originals.set(path, text);
        await writeFile(path, applied(edit, text, mutant.name));
      }
      return await body();
    } finally {
      for (const [path, text] of originals) await writeFile(path, text);
    }
  }

  async remove(): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }
}
