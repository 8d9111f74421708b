// `npm run demo`: Demo CRM, Demo Helpdesk and a real n8n that keeps them in step, ready for the browser.
// `npm run demo -- --tour` plays the story without a person; `--store=postgres` keeps the ledger in a real PostgreSQL.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CHECKOUT } from '../tools/checkout';
import { importCredentials } from '../tools/n8n-cli';
import { startN8n } from '../tools/n8n-host';
import { ensureN8n } from '../tools/n8n-install';
import { N8nRest, OWNER, readWorkflows } from '../tools/n8n-rest';
import { installPackage } from '../tools/pack';
import { startPostgres } from '../tools/postgres';
import { runCommand } from '../tools/run-command';
import { demoCredentials, newSecrets, type DemoLedger } from './credentials';
import { startCrm } from './systems/crm';
import { startHelpdesk } from './systems/helpdesk';
import { playTour } from './tour/run';

const N8N_PORT = 5678;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { tour: { type: 'boolean', default: false }, store: { type: 'string', default: 'sqlite' } } });
  if (values.store !== 'sqlite' && values.store !== 'postgres') throw new Error('--store is sqlite or postgres.');
  say('Building the package …');
  await runCommand(process.execPath, [join(CHECKOUT, 'node_modules', 'gulp', 'bin', 'gulp.js'), 'build'], { cwd: CHECKOUT });
  say('Getting n8n (the first time takes some minutes; it is kept in .cache) …');
  await ensureN8n();
  const postgres = values.store === 'postgres' ? await startPostgres() : null;
  const ledger = postgres === null ? null : await postgres.createDatabase('ledger');
  if (!values.tour) {
    await startDemo(ledger, async () => postgres?.stop());
    return;
  }
  try {
    process.exitCode = (await playTour(ledger)) ? 0 : 1;
  } finally {
    await postgres?.stop();
  }
}

async function startDemo(ledger: DemoLedger, stopLedger: () => Promise<void>): Promise<void> {
  const userFolder = await mkdtemp(join(tmpdir(), 'two-way-sync-demo-'));
  const secrets = newSecrets();
  await installPackage(userFolder);
  const credentialsFile = join(userFolder, 'credentials.json');
  await writeFile(credentialsFile, JSON.stringify(demoCredentials(secrets, ledger)), { mode: 0o600 });

  // The shipped workflows read these two addresses.
  const crm = await startCrm({ port: 4010, webhook: { url: `http://localhost:${N8N_PORT}/webhook/two-way-sync/crm`, header: 'X-Sync-Secret', secret: secrets.crmWebhook } });
  const helpdesk = await startHelpdesk({ port: 4020, webhook: { url: `http://localhost:${N8N_PORT}/webhook/two-way-sync/support`, header: 'X-Sync-Secret', secret: secrets.supportWebhook } });

  say('Starting n8n …');
  const n8n = await startN8n({ userFolder, port: N8N_PORT, logFile: join(userFolder, 'n8n.log') });
  const rest = await N8nRest.login(n8n.url);
  await importCredentials({ userFolder }, credentialsFile);
  await rm(credentialsFile);
  await rest.deploy(await readWorkflows(join(CHECKOUT, 'workflows')));

  say(`
Demo CRM        ${crm.url}
Demo Helpdesk   ${helpdesk.url}
n8n             ${n8n.url}            ${OWNER.email} / ${OWNER.password}
Review page     ${n8n.url}/webhook/two-way-sync/review   reviewer / ${secrets.reviewPassword}

What to try
 1. In n8n open "Sync - Reconcile" and execute it from "Preview by hand": its last node counts what would be linked and
    written; nothing is. Set "dry_run" to false in that trigger's pinned data and execute again: now it is done.
 2. Change a phone number in the CRM. It arrives in the helpdesk as one PATCH; the echo stops.
 3. Change a priority in the helpdesk. It arrives in the CRM.
 4. Change the job title of one person differently on both sides within a moment: it waits on the review page.
Ctrl+C stops everything.
`);

  const stop = async (): Promise<void> => {
    await n8n.stop();
    await Promise.all([crm.close(), helpdesk.close()]);
    await rm(userFolder, { recursive: true, force: true });
    await stopLedger();
  };
  // Ctrl+C reaches every process of the terminal, and npm's wrappers pass it on once more: stop once, however often it is said.
  let stopping: Promise<void> | null = null;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      stopping ??= stop().then(() => process.exit(0));
    });
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
