// A process of its own for each section, started by `main.ts`: what one leaves in memory, or breaks, is nothing to the others.
import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import { SECTIONS } from './sections';

const scaleSchema = z.object({ batch: z.number(), large: z.number(), runs: z.number(), people: z.number(), burst: z.number() });

async function main(): Promise<void> {
  const [name = '', scale = '', file = ''] = process.argv.slice(2);
  const measure = SECTIONS[name];
  if (measure === undefined) throw new Error(`There is no section "${name}".`);
  writeFileSync(file, JSON.stringify(await measure(scaleSchema.parse(JSON.parse(scale)))));
}

/** The engine's own errors say little in their stack, and what they mean in fields. */
function told(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const description = 'description' in error && typeof error.description === 'string' ? ` ${error.description}` : '';
  return `${error.message}${description}`;
}

main().then(() => process.exit(0), (error: unknown) => {
  console.error(error);
  writeFileSync(process.argv[4] ?? '', JSON.stringify({ failure: told(error) }));
  process.exit(1);
});
