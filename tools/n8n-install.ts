import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CACHE } from './checkout';
import { withFolderLock } from './folder-lock';
import { runCommand } from './run-command';

/** The newest n8n whose packages are all in the registry; see docs/architecture.md before raising it. */
export const N8N_VERSION = '2.41.1';
const MARKER = 'complete.json';

/** npm names the package with Node's binary and headers after the platform, with one exception for Macs. */
function nodeHeadersPackage(): string {
  const prefix = process.platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node';
  return `${prefix}-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
}

async function install(folder: string, say: (line: string) => void): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'n8n-for-tests', private: true }));
  const npm = (...args: string[]): Promise<string> =>
    runCommand('npm', args, {
      cwd: folder,
      env: { ...process.env, npm_config_nodedir: join(folder, 'node_modules', nodeHeadersPackage()) },
      onProgress: (seconds) => say(`Installing n8n ${N8N_VERSION}: still at it after ${seconds} s (npm ${args[0] ?? ''}; 5 to 8 minutes in all, only once)`),
    });

  say(`Installing n8n ${N8N_VERSION} into .cache, once (5 to 8 minutes, 3 GB)`);
  // Install scripts stay off: some of n8n's optional parts would compile C++ and fail. Only sqlite3 needs its script.
  const headers = `${nodeHeadersPackage()}@${process.versions.node}`;
  await npm('install', '--ignore-scripts', '--no-audit', '--no-fund', '--omit=dev', `n8n@${N8N_VERSION}`, headers);
  await npm('rebuild', 'sqlite3', '--ignore-scripts=false');
  await runCommand(process.execPath, ['-e', "new (require('sqlite3').Database)(':memory:')"], { cwd: folder });
  await writeFile(join(folder, MARKER), JSON.stringify({ n8n: N8N_VERSION, node: process.versions.node }));
}

/**
 * Returns the folder in which n8n is installed (`node_modules/n8n/bin/n8n` inside), installing it on the first call.
 * A broken or interrupted install is never seen: the folder gets its name when it is complete.
 */
export async function ensureN8n(cache = CACHE, say: (line: string) => void = console.log): Promise<string> {
  const folder = join(cache, `n8n-${N8N_VERSION}`);
  const isComplete = (): boolean => existsSync(join(folder, MARKER));
  if (isComplete()) return folder;
  return await withFolderLock(`${folder}.lock`, async () => {
    if (isComplete()) return folder;
    const unfinished = `${folder}.unfinished`;
    await rm(unfinished, { recursive: true, force: true });
    await install(unfinished, say);
    await rm(folder, { recursive: true, force: true });
    await rename(unfinished, folder);
    return folder;
  });
}

if (require.main === module) {
  ensureN8n().then(
    (folder) => console.log(`n8n ${N8N_VERSION} is in ${folder}`),
    (error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      process.exitCode = 1;
    },
  );
}
