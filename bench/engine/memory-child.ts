// A process of its own, so that its peak is its own: prints the peak memory in MiB of holding the answers of a batch (`items`), of taking the batch through the sync (`path`), or of neither (`empty`).
import { MemorySystems } from './memory-systems';
import { playDelivery } from './whole-path';

async function main(): Promise<void> {
  const [mode, file = '', count = '0'] = process.argv.slice(2);
  const systems = new MemorySystems();
  await systems.replaceHttpRequest();
  const numbers = Array.from({ length: Number(count) }, (_, place) => place + 1);
  // All three do what the engine does when it begins.
  await playDelivery(systems, { store: 'sqlite', file }, [1]);
  for (const number of numbers) if (number % 20 === 0) systems.userEdits(number, 'Director');
  if (mode === 'items') {
    const items = numbers.map((number) => ({ json: structuredClone(systems.answer('GET', `/api/contacts/c${String(number)}`, null)), pairedItem: { item: 0 } }));
    if (items.length !== numbers.length) throw new Error('Items are missing.');
  }
  if (mode === 'path') await playDelivery(systems, { store: 'sqlite', file }, numbers);
  console.log(String(process.resourceUsage().maxRSS / 1024));
}

void main().then(() => process.exit(0));
