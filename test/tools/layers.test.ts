import { ESLint } from 'eslint';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CHECKOUT } from '../../tools/checkout';

// Snippets are linted under the name of a file that exists in no commit, so typed rules (which need a project) are left out.
const eslint = new ESLint({
  cwd: CHECKOUT,
  overrideConfig: [{ files: ['**/*.ts'], languageOptions: { parserOptions: { projectService: false, project: false } } }],
  ruleFilter: ({ ruleId }) => ['sync/layers', 'no-restricted-globals', 'no-restricted-syntax'].includes(ruleId),
});

async function complaints(file: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(code, { filePath: join(CHECKOUT, file) });
  return (result?.messages ?? []).map(({ ruleId, message }) => ruleId ?? message);
}

describe('the layer table is enforced', () => {
  it.each([
    ['core/probe.ts', "import { readFile } from 'node:fs/promises';"],
    ['core/probe.ts', "import type { INode } from 'n8n-workflow';"],
    ['core/stages/probe.ts', "export * from '../../ledger/ledger-store';"],
    ['core/stages/probe.ts', "import { Client } from 'pg';"],
    ['core/probe.ts', "export const late = () => import('../nodes/shared/item-loop');"],
    ['ledger/probe.ts', "import { Pool } from 'pg';"],
    ['ledger/probe.ts', "const { DatabaseSync } = process.getBuiltinModule('node:sqlite');"],
    ['ledger/sqlite/probe.ts', "import { DatabaseSync } from 'node:sqlite';"],
    ['ledger/postgres/driver.ts', "import { DatabaseSync } from 'node:sqlite';"],
    ['ledger/probe.ts', "import { NodeOperationError } from 'n8n-workflow';"],
    ['ledger/probe.ts', "import { decideFields } from '../core/stages/decide-fields';"],
    ['ledger/probe.ts', "import { decideField } from '../core/policies/field-rules';"],
    ['ledger/probe.ts', "import { itemLoop } from '../nodes/shared/item-loop';"],
    ['nodes/Probe/Probe.node.ts', "import { Pool } from 'pg';"],
    ['nodes/Probe/Probe.node.ts', "import Redis = require('ioredis');"],
    ['nodes/Probe/Probe.node.ts', "import { driver } from '../../ledger/sqlite/driver';"],
    ['nodes/Probe/Probe.node.ts', "import { EchoGuard } from '../EchoGuard/EchoGuard.node';"],
    ['credentials/ProbeApi.credentials.ts', "import { model } from '../core/model';"],
  ])('%s may not say: %s', async (file, code) => {
    expect(await complaints(file, code)).toContain('sync/layers');
  });

  it.each([
    'export const now = Date.now();',
    'export const now = new Date();',
    'export const now = Date();',
    'export const dice = Math.random();',
    'export const home = process.env;',
    'export const wait = (done: () => void) => setTimeout(done, 1);',
    "import { DateTime } from 'luxon'; export const now = DateTime.now();",
    "import { randomUUID } from 'node:crypto'; export const id = randomUUID();",
  ])('core has no clock, no chance and no environment: %s', async (code) => {
    expect(await complaints('core/probe.ts', code)).not.toEqual([]);
  });

  it.each([
    ['core/stages/probe.ts', "import { createHash } from 'node:crypto'; import { z } from 'zod'; import type { Plan } from '../model'; export const day = (at: number) => new Date(at);"],
    ['ledger/sqlite/driver.ts', "export const { DatabaseSync } = process.getBuiltinModule('node:sqlite');"],
    ['ledger/postgres/driver.ts', "import { Pool } from 'pg'; import type { Snapshot } from '../../core/model';"],
    ['ledger/redis/driver.ts', "import Redis from 'ioredis';"],
    ['ledger/steps/probe.ts', "import { decideGuard } from '../../core/policies/guards'; import type { Hold } from '../../core/policies/holds'; import { FEW_RECORDS } from '../../core/policies/guard-settings';"],
    ['nodes/Probe/Probe.node.ts', "import { NodeConnectionTypes } from 'n8n-workflow'; import { probe } from '../../core/stages/probe'; import { loop } from '../shared/loop'; import { own } from './own'; import type { Store } from '../../ledger/ledger-store';"],
    ['credentials/ProbeApi.credentials.ts', "import type { ICredentialType } from 'n8n-workflow';"],
    ['test/probe.test.ts', "import { Pool } from 'pg'; export const now = Date.now();"],
  ])('%s may say: %s', async (file, code) => {
    expect(await complaints(file, code)).toEqual([]);
  });
});
