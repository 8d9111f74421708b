import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { z } from 'zod';
import { CACHE, CHECKOUT } from './checkout';
import { withFolderLock } from './folder-lock';
import { runCommand } from './run-command';

const packageSchema = z.looseObject({ name: z.string(), version: z.string(), files: z.array(z.string()) });

async function filesBelow(path: string): Promise<string[]> {
  if (!existsSync(path)) return [];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** Names the package's content, so that an unchanged build is packed and its dependencies are installed only once. */
async function contentHash(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of [...files].sort()) hash.update(`${relative(CHECKOUT, file)}\0`).update(await readFile(file)).update('\0');
  return hash.digest('hex').slice(0, 16);
}

async function packInto(folder: string): Promise<void> {
  const output = await runCommand('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], { cwd: CHECKOUT });
  const tarball = z.array(z.looseObject({ filename: z.string() })).parse(JSON.parse(output.slice(output.indexOf('['))))[0]?.filename;
  if (tarball === undefined) throw new Error(`npm pack named no file: ${output}`);
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'installed-nodes', private: true }));
  // The flags are n8n's own when it installs a community package: no scripts, and nothing but `dependencies`.
  const omit = ['--omit=dev', '--omit=peer', '--omit=optional'];
  await runCommand('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--legacy-peer-deps', ...omit, `./${basename(tarball)}`], { cwd: folder });
}

/** Packs the built package (run `gulp build` first) and returns a folder with it and its dependencies in `node_modules`. */
export async function packPackage(): Promise<string> {
  if (!existsSync(join(CHECKOUT, 'dist', 'nodes'))) throw new Error('dist/ is missing: run `npm run build` first.');
  const manifest = packageSchema.parse(JSON.parse(await readFile(join(CHECKOUT, 'package.json'), 'utf8')));
  const files = await Promise.all(manifest.files.map((entry) => filesBelow(join(CHECKOUT, entry))));
  const packages = join(CACHE, 'packages');
  const folder = join(packages, await contentHash([join(CHECKOUT, 'package.json'), ...files.flat()]));
  if (existsSync(folder)) return folder;
  return await withFolderLock(join(CACHE, 'packages.lock'), async () => {
    if (existsSync(folder)) return folder;
    await mkdir(packages, { recursive: true });
    const unfinished = await mkdtemp(join(packages, 'unfinished-'));
    try {
      await packInto(unfinished);
      await rename(unfinished, folder);
    } catch (error) {
      await rm(unfinished, { recursive: true, force: true });
      throw error;
    }
    return folder;
  });
}

/**
 * Puts the package where n8n keeps community packages, `<userFolder>/.n8n/nodes/node_modules/<name>`: only there have
 * its nodes the type names that workflows use. Must be done before that n8n starts.
 */
export async function installPackage(userFolder: string): Promise<void> {
  const packed = await packPackage();
  const nodes = join(userFolder, '.n8n', 'nodes');
  await mkdir(nodes, { recursive: true });
  await rm(join(nodes, 'node_modules'), { recursive: true, force: true });
  await cp(join(packed, 'package.json'), join(nodes, 'package.json'));
  await cp(join(packed, 'node_modules'), join(nodes, 'node_modules'), { recursive: true, verbatimSymlinks: true });
}
