import { existsSync, mkdirSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';
import { join } from 'node:path';
import type * as Core from 'n8n-core';
import type * as N8nWorkflow from 'n8n-workflow';
import { CACHE, CHECKOUT } from '../../tools/checkout';
import { ensureN8n } from '../../tools/n8n-install';

export interface N8nModules {
  readonly core: typeof Core;
  readonly workflow: typeof N8nWorkflow;
  /** The folder of n8n-nodes-base (Set, If, HTTP Request …). */
  readonly nodesBase: string;
}

const requireHere = createRequire(join(CHECKOUT, 'package.json'));

/** n8n's own nodes come with the whole n8n; two copies of these packages would not know each other's error classes. */
const SHARED = new Set(['n8n-workflow', 'n8n-core', '@n8n/di']);

async function locateNodesBase(): Promise<string> {
  const local = join(CHECKOUT, 'node_modules', 'n8n-nodes-base');
  if (existsSync(local)) return local;
  const install = await ensureN8n();
  registerHooks({
    resolve: (specifier, context, next) =>
      SHARED.has(specifier) && context.parentURL?.includes(install) === true ? next(requireHere.resolve(specifier), context) : next(specifier, context),
  });
  return join(install, 'node_modules', 'n8n-nodes-base');
}

async function load(): Promise<N8nModules> {
  // n8n-core reads these when it is loaded, and creates files in the user folder.
  // A folder per test worker that is used again: a temporary one would stay behind, since vitest ends its workers by a signal.
  const userFolder = join(CACHE, 'engine', process.env['VITEST_POOL_ID'] ?? 'main');
  mkdirSync(userFolder, { recursive: true });
  process.env['N8N_USER_FOLDER'] = userFolder;
  process.env['N8N_ENCRYPTION_KEY'] = 'only-for-tests-and-demo';
  process.env['N8N_ENFORCE_SETTINGS_FILE_PERMISSIONS'] = 'false';
  const nodesBase = await locateNodesBase();
  requireHere('reflect-metadata');
  // `require`, not `import`: nodes are CommonJS and must meet the same copy of n8n-workflow as the engine.
  const workflow = requireHere('n8n-workflow') as N8nModules['workflow'];
  const core = requireHere('n8n-core') as N8nModules['core'];
  return { core, workflow, nodesBase };
}

let loaded: Promise<N8nModules> | undefined;

/** Loads n8n's engine once per process. */
export const n8nModules = (): Promise<N8nModules> => (loaded ??= load());
