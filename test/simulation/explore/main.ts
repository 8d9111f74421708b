/**
 * node tools/node24.mjs tsx test/simulation/explore/main.ts [--scope part of a name] [--tier quick|full] [--seconds n] [--report]
 * Ends with 0 when every law holds in every state of every scope, with 1 and the shortest history when one is broken, with 2 when a
 * scope was cut off before all of it was seen. `--report`: a table in Markdown.
 */
import { parseArgs } from 'node:util';
import type { Scope } from './scope';
import { SCOPES } from './scopes';
import { explore, type Outcome } from './search';
import { spaceOf } from './space';

export function historyText({ violation }: Pick<Outcome, 'violation'>): string {
  if (violation === null) return '';
  return [...violation.history.map((title, index) => `  ${String(index + 1).padStart(2)}. ${title}`), `  => ${violation.law}`].join('\n');
}

export function exploreScope(scope: Scope, milliseconds = Infinity, states = 20_000_000): Outcome {
  const end = Date.now() + milliseconds;
  return explore(spaceOf(scope), { states, isOver: () => Date.now() > end });
}

function main(): void {
  const { values } = parseArgs({ options: { scope: { type: 'string' }, tier: { type: 'string' }, seconds: { type: 'string' }, report: { type: 'boolean', default: false } } });
  const chosen = SCOPES.filter((scope) => (values.scope === undefined || scope.name.includes(values.scope)) && (values.tier !== 'quick' || scope.tier === 'quick'));
  if (chosen.length === 0) throw new Error(`No scope is called "${values.scope ?? ''}". There are: ${SCOPES.map(({ name }) => name).join('; ')}.`);
  if (values.report) console.log('| scope | states | quiescent | depth | complete | violations |\n|---|---|---|---|---|---|');
  for (const scope of chosen) {
    const began = Date.now();
    const outcome = exploreScope(scope, values.seconds === undefined ? Infinity : Number(values.seconds) * 1000);
    const { states, quiescent, depth, complete, violation } = outcome;
    const line = [scope.name, states, quiescent, depth, complete ? 'yes' : 'no', violation === null ? 0 : 1];
    console.log(values.report ? `| ${line.join(' | ')} |` : `${line[0]}: ${states} states, ${quiescent} quiescent, depth ${depth}, ${complete ? 'complete' : 'not complete'}, ${violation === null ? 'no violation' : 'VIOLATED'} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
    if (violation !== null) {
      console.log(historyText(outcome));
      process.exitCode = 1;
    } else if (!complete) process.exitCode ??= 2;
  }
}

if (require.main === module) main();
