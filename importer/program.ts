import { Command, Option } from 'commander';
import { exportDirectory } from './export-directory';
import { ImportError } from './import-error';
import { importWorkflows, type Activation, type ImportReport } from './import-workflows';
import { LEDGER_URL, ledgerCredential } from './ledger-credential';
import { N8nPublicApi } from './n8n-public-api';
import { readWorkflows, shippedFolder, withCalled } from './shipped-workflows';
import { referencesOf } from './sub-workflow-references';
import { SHIPPED_URLS, urlsOf } from './system-urls';
import type { WorkflowJson } from './workflow-json';

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly say: (line: string) => void;
  /** Where the workflow files are; the package's own unless a test says otherwise. */
  readonly folder?: string;
}

interface Chosen {
  readonly only?: readonly string[];
  readonly crmUrl?: string;
  readonly supportUrl?: string;
}

interface ImportFlags extends Chosen {
  readonly url: string;
  readonly apiKey?: string;
  readonly dryRun?: true;
  readonly activate: Activation;
  readonly ledger?: 'sqlite' | 'postgres';
}

export function program(surroundings: Surroundings): Command {
  const commander = new Command('n8n-nodes-two-way-sync').description('Puts the two-way sync workflows into an n8n.');
  const common = (command: Command): Command =>
    command
      .option('--only <names...>', 'only these workflows, and those that they call')
      .option('--crm-url <url>', `address of your CRM instead of ${SHIPPED_URLS.crm}`)
      .option('--support-url <url>', `address of your helpdesk instead of ${SHIPPED_URLS.support}`);

  common(commander.command('import').description("Creates or updates the workflows through n8n's public API. Running it again does no harm."))
    .requiredOption('--url <url>', 'address of your n8n, such as http://localhost:5678')
    .option('--api-key <key>', 'API key of n8n; better in N8N_API_KEY, where it stays out of the shell history')
    .option('--dry-run', 'only say what would happen')
    .addOption(new Option('--activate <which>', 'what to publish; the parents start to work as soon as they are published').choices(['none', 'sub-workflows', 'all']).default('sub-workflows'))
    .addOption(new Option('--ledger <store>', `make the ledger credential if it is missing (postgres: connection string in ${LEDGER_URL})`).choices(['sqlite', 'postgres']))
    .action(async (flags: ImportFlags) => runImport(flags, surroundings));

  common(commander.command('export-dir <directory>').description('Writes the workflows as plain files for: n8n import:workflow --separate --input=<directory>'))
    .action(async (directory: string, flags: Chosen) => {
      const workflows = await chosen(flags, surroundings);
      await exportDirectory(workflows, directory, urlsOf(flags.crmUrl, flags.supportUrl));
      surroundings.say(`${workflows.length} workflows written to ${directory}.`);
    });
  return commander;
}

async function chosen({ only }: Chosen, { folder }: Surroundings): Promise<readonly WorkflowJson[]> {
  const all = await readWorkflows(folder ?? shippedFolder());
  if (only === undefined) return all;
  const unknown = only.find((name) => !all.some((workflow) => workflow.name === name));
  if (unknown !== undefined) throw new ImportError(`There is no workflow "${unknown}".`, `Choose among: ${all.map(({ name }) => name).sort().join('; ')}.`);
  const known = new Set(all.map(({ id }) => id));
  return withCalled(all, new Set(only), (workflow) => referencesOf(workflow, known));
}

async function runImport(flags: ImportFlags, surroundings: Surroundings): Promise<void> {
  const { env, say } = surroundings;
  const apiKey = flags.apiKey ?? env['N8N_API_KEY'];
  if (apiKey === undefined || apiKey === '') throw new ImportError('An API key is needed.', 'Make one in n8n under Settings > n8n API, and put it into N8N_API_KEY.');
  const workflows = await chosen(flags, surroundings);
  const report = await importWorkflows(new N8nPublicApi(flags.url, apiKey), workflows, {
    dryRun: flags.dryRun === true,
    activate: flags.activate,
    urls: urlsOf(flags.crmUrl, flags.supportUrl),
    makeCredentials: ledgerCredential(flags.ledger, env),
    say,
  });
  for (const line of summary(report, flags)) say(line);
}

function summary(report: ImportReport, flags: ImportFlags): readonly string[] {
  const { created, updated, activated, waiting, missingCredentials } = report;
  const would = flags.dryRun === true ? 'would be ' : '';
  return [
    `${created.length} ${would}created, ${updated.length} ${would}updated, ${activated.length} published.`,
    ...(missingCredentials.length === 0 ? [] : ['', 'Make these credentials in n8n, with these names, and run the import again:']),
    ...missingCredentials.map(({ name, type }) => `  ${name} (${type})`),
    ...(waiting.length === 0 ? [] : ['', 'n8n does not publish these yet:']),
    ...waiting.map(({ name, reason }) => `  ${name}: ${reason}`),
    ...(flags.activate === 'sub-workflows' && flags.dryRun !== true
      ? ['', 'Next: open "Sync - Reconcile", run it with its preview, and publish it and the two parents when you like what you see (or import with --activate all).']
      : []),
  ];
}
