// Writes docs/cases.md: which test shows which situation. `--check` only says whether the page is up to date.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { CHECKOUT } from './checkout';

/** Number of situations per letter: echoes, conflicts, identity, deletes, values, faults, guards and scale. */
const FAMILIES = { E: 15, C: 10, I: 8, D: 7, V: 10, F: 12, G: 11 } as const;
const TITLE = /\bit(?:\.each\([^\n]*\))?\(\s*(['"`])((?:[^\\]|\\.)*?)\1,/gu;
/** In brackets a title names a rule of the protocol, not a case. */
const CASE = /(?<!\[)\b([ECIDVFG])(\d{1,2})\b/gu;

/** A scenario's first two lines say what it is about. */
const SCENARIO = /^scenario: (.+)\ncases: (.+)\n/u;
/** And its third, whether the shipped workflows play it as well. */
const ON_N8N = /^on: n8n$/mu;

/** By folder of `test`, the lowest first: what such a test plays. */
const LEVELS = {
  core: 'pure stage', ledger: 'ledger contract', simulation: 'simulation', scenarios: 'scenario', nodes: 'engine', workflows: 'engine', e2e: 'real n8n',
} as const;

interface Shown {
  readonly file: string;
  readonly title: string;
  readonly level: string;
}

function shownCases(): ReadonlyMap<string, readonly Shown[]> {
  const shown = new Map<string, Shown[]>();
  const note = (path: string, title: string, cases: string, more = ''): void => {
    const file = relative(CHECKOUT, path);
    for (const [id] of cases.matchAll(CASE)) shown.set(id, [...(shown.get(id) ?? []), { file, title, level: `${levelOf(file)}${more}` }]);
  };
  const files = readdirSync(join(CHECKOUT, 'test'), { recursive: true, withFileTypes: true }).filter((entry) => /(?:\.test\.ts|contract\.ts|\.scenario)$/u.test(entry.name));
  for (const path of files.map((entry) => join(entry.parentPath, entry.name)).sort()) {
    const text = readFileSync(path, 'utf8');
    const [, about, cases] = path.endsWith('.scenario') ? SCENARIO.exec(text) ?? [] : [];
    if (about !== undefined && cases !== undefined) note(path, about, cases, ON_N8N.test(text) ? ', real n8n' : '');
    else for (const [, , title = ''] of text.matchAll(TITLE)) note(path, title, title);
  }
  return shown;
}

function levelOf(file: string): string {
  const folder = file.split('/')[1] ?? '';
  return Object.entries(LEVELS).find(([name]) => name === folder)?.[1] ?? folder;
}

function page(): string {
  const shown = shownCases();
  const ids = Object.entries(FAMILIES).flatMap(([letter, count]) => Array.from({ length: count }, (_, index) => `${letter}${index + 1}`));
  const rows = ids.flatMap((id) => (shown.get(id) ?? []).map(({ file, title, level }) => `| ${id} | ${title.replaceAll('|', '\\|')} | ${level} | \`${file}\` |`));
  const missing = ids.filter((id) => !shown.has(id));
  return [
    '# Cases', '', 'Which test shows which situation, by its number, and at which level. A scenario is played on the ledger in memory, on a SQLite file and on PostgreSQL; one that says *real n8n* also by the shipped workflows on a real n8n. Written by `node tools/node24.mjs tsx tools/list-cases.ts`; a test keeps it true.', '',
    '| case | test | level | file |', '|---|---|---|---|', ...rows, '',
    ...(missing.length === 0 ? [] : ['## Not shown by a test of their number', '', `${missing.join(', ')}: see [correctness.md](correctness.md#not-handled).`, '']),
  ].join('\n');
}

const file = join(CHECKOUT, 'docs', 'cases.md');
const text = page();
if (!process.argv.includes('--check')) writeFileSync(file, text);
else if (readFileSync(file, 'utf8') !== text) {
  process.stderr.write('docs/cases.md is out of date: run tools/list-cases.ts.\n');
  process.exitCode = 1;
}
