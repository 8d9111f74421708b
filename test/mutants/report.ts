/** What the mutation run has found, as a table for docs/correctness.md and as histories to be read. */
import type { Catcher, Mutant } from './mutant';
import type { Finding } from './search';

export interface Result {
  readonly mutant: Mutant;
  /** Null: it survived. */
  readonly caught: { readonly by: Catcher; readonly finding: Finding } | null;
}

const BEGIN = '<!-- mutants: written by `npm run mutants -- --write` -->';
const END = '<!-- end of mutants -->';

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

export function catcherText(catcher: Catcher): string {
  switch (catcher.kind) {
    case 'exploration':
      return `exploration: ${catcher.scope}`;
    case 'simulation':
      return `simulation: seed ${catcher.seed} from ${catcher.from}`;
    case 'tests':
      return `tests: ${catcher.files.map((file) => file.replace(/^test\//u, '').replace(/\.test\.ts$/u, '')).join(', ')}`;
  }
}

export function lineOf({ mutant, caught }: Result): string {
  const steps = caught === null || caught.finding.history.length === 0 ? '' : String(caught.finding.history.length);
  return `| ${[mutant.rule, mutant.name, caught === null ? '**survived**' : catcherText(caught.by), steps, caught?.finding.broken ?? ''].map(cell).join(' | ')} |`;
}

export function tableOf(results: readonly Result[]): string {
  return ['| rule | what is switched off | caught by | steps | what broke |', '|---|---|---|---|---|', ...results.map(lineOf)].join('\n');
}

/** @throws when the page has no place for the table */
export function withTable(page: string, results: readonly Result[]): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`The page needs the lines ${BEGIN} and ${END}.`);
  return `${page.slice(0, begin + BEGIN.length)}\n\n${tableOf(results)}\n\n${page.slice(end)}`;
}

export function historiesPage(results: readonly Result[]): string {
  const told = results.flatMap(({ mutant, caught }) => (caught === null || caught.finding.history.length === 0 ? [] : [
    `## ${mutant.rule}: ${mutant.name}`, '', catcherText(caught.by), '', '```', ...caught.finding.history.map((step, index) => `${String(index + 1).padStart(2)}. ${step}`), `=> ${caught.finding.broken ?? ''}`, '```', '',
  ]));
  return ['# What happens without each rule', '', 'The shortest history that the search found with one rule switched off. Written by `npm run mutants -- --write`.', '', ...told].join('\n');
}
