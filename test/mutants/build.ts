/** n8n's engine loads the nodes from dist/, so a mutant is noticed there only when it is built. Types are not checked: what a mutant leaves unused is no error. */
import { spawn } from 'node:child_process';
import { cp } from 'node:fs/promises';
import { extname, join } from 'node:path';

const BUILT_FOLDERS = ['nodes', 'credentials'];

export async function build(root: string): Promise<void> {
  await compiled(root);
  const isAsset = (path: string): boolean => extname(path) !== '.ts';
  for (const folder of BUILT_FOLDERS) await cp(join(root, folder), join(root, 'dist', folder), { recursive: true, filter: isAsset });
}

function compiled(root: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--noCheck'], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => { output += chunk.toString('utf8'); });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`dist could not be built:\n${output.slice(-2000)}`));
    });
  });
}
