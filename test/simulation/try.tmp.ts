import { inMemory, simulate } from './simulate';
const [seed, count, most] = process.argv.slice(2).map(Number);
void (async () => {
  const t = Date.now();
  const tally = await simulate({ seed: seed!, from: Number(process.argv[6] ?? 0), count: count!, open: inMemory, most_violations: most ?? 1 });
  const { violations, ...rest } = tally;
  console.log(JSON.stringify(rest), (Date.now() - t) / tally.histories, 'ms/history');
  if (process.argv[5] === 'short') { for (const v of violations) console.log(v.history, v.trace.length, v.violations[0]!.slice(0, 150)); return; }
  for (const v of violations) console.log(`--- history ${v.history}\n${v.trace.join('\n')}\n=> ${v.violations.join('\n=> ')}\n${JSON.stringify(v.choices)}`);
})();
