/**
 * `npm run mutants`: every law and every rule of the protocol is switched off once, in a copy of the tree, and somebody has to notice.
 * Exit code 1 when a mutant survives. `-- --only <part of a rule or name>`; `-- --search`: who notices is looked for from the strongest
 * catcher to the weakest, whatever the list says; `-- --unchecked`: without asking first whether the catchers are content with the code as it
 * is; `-- --write`: what is found goes into the table of docs/correctness.md, the histories beside it, mutant by mutant, so that a run that
 * is broken off has not been for nothing; `-- --missing`: only mutants that the table has no line about.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CHECKOUT } from '../../tools/checkout';
import { SCOPES } from '../simulation/explore/scopes';
import { ask, type Patience } from './catchers';
import { CopyOfTree } from './copy-of-tree';
import { MUTANTS } from './list';
import { inHistories, inScope, type Catcher, type Mutant } from './mutant';
import { catcherText, historiesPage, lineOf, tableOf, withoutLine, withTable, type Result } from './report';

const TABLE = join(CHECKOUT, 'docs', 'correctness.md');
const HISTORIES = join(CHECKOUT, 'docs', 'mutants.md');
const EVERYBODY: readonly Catcher[] = [...SCOPES.map(({ name }) => inScope(name)), inHistories(7, 0)];

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { only: { type: 'string' }, search: { type: 'boolean', default: false }, write: { type: 'boolean', default: false }, unchecked: { type: 'boolean', default: false }, missing: { type: 'boolean', default: false }, seconds: { type: 'string', default: '120' }, histories: { type: 'string', default: '400' } } });
  const patience: Patience = { seconds: Number(values.seconds), histories: Number(values.histories) };
  const candidates = values.missing ? withoutLine(await readFile(TABLE, 'utf8'), MUTANTS) : MUTANTS;
  const chosen = candidates.filter(({ rule, name }) => values.only === undefined || rule === values.only || name.includes(values.only));
  if (chosen.length === 0) throw new Error(`No mutant is about "${values.only ?? ''}".`);
  const copy = await CopyOfTree.make();
  try {
    const results: Result[] = [];
    if (!values.search && !values.unchecked) await nobodyCriesWolf(copy, chosen, patience);
    for (const mutant of chosen) {
      const result = await copy.with(mutant, () => caughtBy(copy, mutant, values.search ? [mutant.caughtBy, ...EVERYBODY] : [mutant.caughtBy], patience));
      results.push(result);
      console.log(lineOf(result));
      if (values.write) await write(results);
    }
    const survivors = results.filter(({ caught }) => caught === null);
    console.log(`\n${results.length - survivors.length} of ${results.length} mutants were caught.`);
    if (survivors.length > 0) {
      console.log(`\nSurvived:\n${tableOf(survivors)}`);
      process.exitCode = 1;
    }
  } finally {
    await copy.remove();
  }
}

async function caughtBy(copy: CopyOfTree, mutant: Mutant, catchers: readonly Catcher[], patience: Patience): Promise<Result> {
  let whole = true;
  for (const by of catchers) {
    const finding = await ask(copy.root, by, patience);
    if (finding.broken !== null) return { mutant, whole, caught: { by, finding } };
    whole &&= finding.whole;
  }
  return { mutant, whole, caught: null };
}

/** What finds fault with the code as it is catches nothing. */
async function nobodyCriesWolf(copy: CopyOfTree, mutants: readonly Mutant[], patience: Patience): Promise<void> {
  for (const by of new Map(mutants.map(({ caughtBy: catcher }) => [catcherText(catcher), catcher])).values()) {
    const { broken, history } = await ask(copy.root, by, patience);
    if (broken !== null) throw new Error(`${catcherText(by)} finds fault with the code as it is: ${broken}\n${history.join('\n')}`);
  }
}

async function write(results: readonly Result[]): Promise<void> {
  await writeFile(TABLE, withTable(await readFile(TABLE, 'utf8'), MUTANTS, results));
  await writeFile(HISTORIES, historiesPage(await readFile(HISTORIES, 'utf8').catch(() => ''), MUTANTS, results));
}

void main();
