// Runs a command on Node 24 (n8n 2.38+ and node:sqlite need it), whichever Node started npm.
//   node tools/node24.mjs <bin of node_modules | node> [arguments]
// The devDependency `node` brings the binary. Install scripts are off in this project (isolated-vm would compile), so
// its one install step is run here, the first time it is needed, and never again.
import { spawnSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');

function isNode24(executable) {
  const answer = spawnSync(executable, ['--version'], { encoding: 'utf8' });
  return answer.status === 0 && answer.stdout.startsWith('v24.');
}

function bundledNode() {
  const executable = join(modules, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(executable) && isNode24(executable)) return executable;
  const rebuilt = spawnSync('npm', ['rebuild', 'node', '--ignore-scripts=false', '--foreground-scripts'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  if (rebuilt.status === 0 && isNode24(executable)) return executable;
  console.error('Node 24 is needed and could not be fetched by the package "node". Run `npm ci` with a registry in reach, or start npm with Node 24.');
  process.exit(1);
}

export function node24() {
  return process.versions.node.startsWith('24.') ? process.execPath : bundledNode();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const executable = node24();
  const [command, ...rest] = process.argv.slice(2);
  const path = [dirname(executable), join(modules, '.bin'), process.env.PATH].join(delimiter);
  const child = spawn(command, rest, { stdio: 'inherit', env: { ...process.env, PATH: path } });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => { console.error(`${command}: ${error.message}`); process.exit(1); });
  child.on('exit', (code, signal) => process.exit(signal === null ? code : 1));
}
