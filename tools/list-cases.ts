// Writes docs/cases.md: which test shows which situation. `--check` only says whether the page is up to date.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { CHECKOUT } from './checkout';

/** Number of situations per letter: echoes, conflicts, identity, deletes, values, faults, guards and scale. */
const FAMILIES = { E: 15, C: 10, I: 8, D: 7, V: 10, F: 12, G: 11 } as const;
const TITLE = /\bit(?:\.each\([^\n]*\))?\(\s*(['"`])((?:[^\\]|\\.)*?)\1,/gu;
const CASE = /\b([ECIDVFG])(\d{1,2})\b/gu;

interface Shown {
  readonly file: string;
  readonly title: string;
}

function shownCases(): ReadonlyMap<string, readonly Shown[]> {
  const shown = new Map<string, Shown[]>();
  const files = readdirSync(join(CHECKOUT, 'test'), { recursive: true, withFileTypes: true }).filter((entry) => entry.name.endsWith('.test.ts'));
  for (const entry of files.sort((a, b) => (join(a.parentPath, a.name) < join(b.parentPath, b.name) ? -1 : 1))) {
    const path = join(entry.parentPath, entry.name);
    for (const [, , title = ''] of readFileSync(path, 'utf8').matchAll(TITLE)) {
      for (const [id] of title.matchAll(CASE)) shown.set(id, [...(shown.get(id) ?? []), { file: relative(CHECKOUT, path), title }]);
    }
  }
  return shown;
}

function page(): string {
  const shown = shownCases();
  const ids = Object.entries(FAMILIES).flatMap(([letter, count]) => Array.from({ length: count }, (_, index) => `${letter}${index + 1}`));
  const rows = ids.flatMap((id) => (shown.get(id) ?? []).map(({ file, title }) => `| ${id} | ${title.replaceAll('|', '\\|')} | \`${file}\` |`));
  const missing = ids.filter((id) => !shown.has(id));
  return [
    '# Cases', '', 'Which test shows which situation, by its number. Written by `node tools/node24.mjs tsx tools/list-cases.ts`; a test keeps it true.', '',
    '| case | test | file |', '|---|---|---|', ...rows, '', '## Not shown by a test of their number yet', '', `${missing.join(', ')}.`, '',
    'Some of them are shown by the tour (`npm run demo -- --tour`) without their number. None of them is claimed.', '',
  ].join('\n');
}

const file = join(CHECKOUT, 'docs', 'cases.md');
const text = page();
if (!process.argv.includes('--check')) writeFileSync(file, text);
else if (readFileSync(file, 'utf8') !== text) {
  process.stderr.write('docs/cases.md is out of date: run tools/list-cases.ts.\n');
  process.exitCode = 1;
}
