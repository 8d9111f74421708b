// A process of its own, started with `--expose-gc`: prints in MiB what lives of the answers of a batch alone, the most that lives at once while
// the batch goes through the sync, and what of that came with nodes of this package. Not the peak of the process: n8n's modules alone
// take ten times as much, and a batch fits into what they leave behind.
import { loadNodes } from '../../test/support/node-types';
import { shippedWorkflows } from '../../test/workflows/shipped';
import { MemorySystems } from './memory-systems';
import { OURS, playDelivery } from './whole-path';

const MIB = 1024 * 1024;

function living(): number {
  if (globalThis.gc === undefined) throw new Error('Start with --expose-gc.');
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / MIB;
}

/** Looks after every node that has run: n8n keeps what a node puts out until its execution ends. */
async function watchNodes(): Promise<{ most: number; ours: number }> {
  const { types } = await loadNodes();
  const seen = { most: living(), ours: 0 };
  let last = seen.most;
  const nodes = [...shippedWorkflows({ crm: '', support: '' }).values()].flatMap((workflow) => workflow.nodes);
  for (const { type, typeVersion } of new Map(nodes.map((node) => [`${node.type} ${String(node.typeVersion)}`, node])).values()) {
    const node = types.getByNameAndVersion(type, typeVersion);
    // n8n gives it its context by `apply`, as below.
    // eslint-disable-next-line @typescript-eslint/unbound-method
    const { execute } = node;
    if (execute === undefined) continue;
    node.execute = async function watched(...given) {
      const result = await execute.apply(this, given);
      const now = living();
      if (type.startsWith(OURS)) seen.ours += now - last;
      seen.most = Math.max(seen.most, now);
      last = now;
      return result;
    };
  }
  return seen;
}

async function main(): Promise<void> {
  const [file = '', count = '0'] = process.argv.slice(2);
  const systems = new MemorySystems();
  await systems.replaceHttpRequest();
  const numbers = Array.from({ length: Number(count) }, (_, place) => place + 1);
  // What the engine does when it begins is none of the batch's.
  await playDelivery(systems, { store: 'sqlite', file }, [1]);
  for (const number of numbers) if (number % 20 === 0) systems.userEdits(number, 'Director');
  const before = living();
  const items = numbers.map((number) => ({ json: structuredClone(systems.answer('GET', `/api/contacts/c${String(number)}`, null)), pairedItem: { item: 0 } }));
  const own = living() - before;
  items.length = 0;
  const seen = await watchNodes();
  const empty = seen.most;
  await playDelivery(systems, { store: 'sqlite', file }, numbers);
  console.log([own, seen.most - empty, seen.ours].join(' '));
}

void main().then(() => process.exit(0));
