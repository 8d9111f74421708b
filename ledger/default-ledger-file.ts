import { homedir } from 'node:os';
import { join } from 'node:path';

/** In n8n's user folder, which n8n's own Docker image keeps on a volume: a ledger that evaporates with its container would be no ledger. */
export function defaultLedgerFile(environment: NodeJS.ProcessEnv = process.env): string {
  const base = environment['N8N_USER_FOLDER'] ?? homedir();
  return join(base, '.n8n', 'two-way-sync', 'ledger.sqlite');
}
