import { join } from 'node:path';
import { type N8nFolder, n8nEnvironment } from './n8n-environment';
import { ensureN8n } from './n8n-install';
import { runCommand } from './run-command';

/** Runs n8n's own command line on a folder. Each call starts a whole n8n (several seconds): batch the work. */
async function n8nCli(folder: N8nFolder, args: readonly string[]): Promise<string> {
  const install = await ensureN8n();
  const output = await runCommand(process.execPath, [join(install, 'node_modules', 'n8n', 'bin', 'n8n'), ...args], {
    cwd: folder.userFolder,
    env: n8nEnvironment(folder),
  });
  // It reports some failures in words only and still ends with code 0.
  if (/^(Error|An error occurred)/im.test(output)) throw new Error(`n8n ${args.join(' ')} failed:\n${output.slice(-3000)}`);
  return output;
}

/** Imports every *.json of a folder, keeping ids, as unpublished workflows. Works while n8n is running, too. */
export async function importWorkflows(folder: N8nFolder, directory: string): Promise<void> {
  await n8nCli(folder, ['import:workflow', '--separate', `--input=${directory}`]);
}

/** Imports credentials with plain `data`, keeping ids. Works while n8n is running, too. */
export async function importCredentials(folder: N8nFolder, file: string): Promise<void> {
  await n8nCli(folder, ['import:credentials', `--input=${file}`]);
}

/** Publishes workflows one process each, children first; takes effect at the next start. `N8nRest.publish` is much faster. */
export async function publish(folder: N8nFolder, ids: readonly string[]): Promise<void> {
  for (const id of ids) await n8nCli(folder, ['publish:workflow', `--id=${id}`]);
}
