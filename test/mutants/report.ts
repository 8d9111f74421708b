/** What the mutation run has found, as a table for docs/correctness.md and as histories to be read. */
import type { Catcher, Mutant } from './mutant';
import type { Finding } from './search';

export interface Result {
  readonly mutant: Mutant;
  /** Null: nobody noticed; `whole`: and everything was looked at. */
  readonly whole: boolean;
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

export function lineOf({ mutant, whole, caught }: Result): string {
  const steps = caught === null || caught.finding.history.length === 0 ? '' : String(caught.finding.history.length);
  return `| ${[mutant.rule, mutant.name, caught === null ? whole ? '**survived**' : '**not looked at whole**' : catcherText(caught.by), steps, caught?.finding.broken ?? ''].map(cell).join(' | ')} |`;
}

export function tableOf(results: readonly Result[]): string {
  return tableWith(results.map(lineOf));
}

const tableWith = (lines: readonly string[]): string => ['| rule | what is switched off | caught by | steps | what broke |', '|---|---|---|---|---|', ...lines].join('\n');

const lineBegins = ({ rule, name }: Mutant): string => `| ${cell(rule)} | ${cell(name)} | `;

/** Mutants of the list that the table has no line about. */
export function withoutLine(page: string, mutants: readonly Mutant[]): readonly Mutant[] {
  const lines = tableIn(page).split('\n');
  return mutants.filter((mutant) => !lines.some((line) => line.startsWith(lineBegins(mutant))));
}

/** What was not played this time stays as it was; what is not in the list any more goes. @throws when the page has no place for the table */
export function withTable(page: string, mutants: readonly Mutant[], results: readonly Result[]): string {
  const table = tableIn(page);
  const former = table.split('\n');
  const lines = mutants.flatMap((mutant) => {
    const played = results.find((result) => result.mutant === mutant);
    return played === undefined ? former.filter((line) => line.startsWith(lineBegins(mutant))) : [lineOf(played)];
  });
  return page.replace(table, () => `\n\n${tableWith(lines)}\n\n`);
}

function tableIn(page: string): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`The page needs the lines ${BEGIN} and ${END}.`);
  return page.slice(begin + BEGIN.length, end);
}

const TITLE = '# What happens without each rule\n\nThe shortest history that the search found with one rule switched off. Written by `npm run mutants -- --write`.\n';
const CHAPTER = /^(?=## )/mu;

export function historiesPage(page: string, mutants: readonly Mutant[], results: readonly Result[]): string {
  const former = page.split(CHAPTER).slice(1);
  const chapters = mutants.flatMap((mutant) => {
    const played = results.find((result) => result.mutant === mutant);
    return played === undefined ? former.filter((chapter) => chapter.startsWith(`${headingOf(mutant)}\n`)) : chapterOf(played);
  });
  return [TITLE, ...chapters.map((chapter) => `${chapter.trimEnd()}\n`)].join('\n');
}

const headingOf = ({ rule, name }: Mutant): string => `## ${rule}: ${name}`;

function chapterOf({ mutant, caught }: Result): readonly string[] {
  if (caught === null || caught.finding.history.length === 0) return [];
  const steps = caught.finding.history.map((step, index) => `${String(index + 1).padStart(2)}. ${step}`);
  return [[headingOf(mutant), '', catcherText(caught.by), '', '```', ...steps, `=> ${caught.finding.broken ?? ''}`, '```'].join('\n')];
}
