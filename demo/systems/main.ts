import { startCrm } from './crm';
import { startHelpdesk } from './helpdesk';

/** Both systems alone, to play with. Stops on Ctrl+C. */
async function main(): Promise<void> {
  const crm = await startCrm({ port: portFrom('CRM_PORT', 4010) });
  const helpdesk = await startHelpdesk({ port: portFrom('HELPDESK_PORT', 4020) });
  process.stdout.write(`Demo CRM       ${crm.url}\nDemo Helpdesk  ${helpdesk.url}\nAPI token      ${crm.apiToken}\nCtrl+C stops both.\n`);
  process.once('SIGINT', () => {
    void Promise.all([crm.close(), helpdesk.close()]).then(() => process.exit(0));
  });
}

function portFrom(name: string, fallback: number): number {
  const port = Number(process.env[name] ?? fallback);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new RangeError(`${name} must be a port number.`);
  return port;
}

void main();
