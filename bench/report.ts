/** `results.json`, and `RESULTS.md` drawn from it. Sections that were not measured anew stay as they were. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { CHECKOUT } from '../tools/checkout';
import { N8N_VERSION } from '../tools/n8n-install';
import { tableOf, toMarkdown, type Section } from './section';

const JSON_FILE = join(CHECKOUT, 'bench', 'results.json');
const MARKDOWN_FILE = join(CHECKOUT, 'bench', 'RESULTS.md');

const cellSchema = z.union([z.string(), z.number()]);
export const sectionSchema: z.ZodType<Section> = z.object({
  id: z.string(), title: z.string(), about: z.string(), columns: z.array(z.string()), rows: z.array(z.array(cellSchema)),
  targets: z.array(z.object({ what: z.string(), limit: z.string(), found: z.string(), met: z.boolean() })),
});

const resultSchema = z.object({
  name: z.string(),
  /** Null when it failed, and `failure` says why. */
  section: sectionSchema.nullable(),
  failure: z.string().nullable(),
  seconds: z.number(),
  measured: z.string(),
  machine: z.string(),
  /** Of the last minute, when the section began: above the number of cores, others were at work too. */
  load: z.number(),
});
export type Result = z.infer<typeof resultSchema>;

export const earlierResults = (): readonly Result[] => (existsSync(JSON_FILE) ? z.array(resultSchema).parse(JSON.parse(readFileSync(JSON_FILE, 'utf8'))) : []);

export const machine = (): string => `${String(cpus().length)} cores ${cpus()[0]?.model ?? ''}, ${String(Math.round(totalmem() / 2 ** 30))} GiB, Node ${process.version}, n8n ${N8N_VERSION}, PostgreSQL 18`;
export const load = (): number => loadavg()[0] ?? 0;

export function writeReport(results: readonly Result[]): void {
  writeFileSync(JSON_FILE, `${JSON.stringify(results, null, 1)}\n`);
  writeFileSync(MARKDOWN_FILE, reportOf(results));
}

function reportOf(results: readonly Result[]): string {
  const targets = results.flatMap(({ section }) => (section === null ? [] : section.targets.map((target) => ({ ...target, title: section.title }))));
  const failed = results.filter(({ section }) => section === null);
  const summary = tableOf(['target', 'limit', 'found', 'met', 'measured in'], [
    ...targets.map(({ what, limit, found, met, title }) => [what, limit, found, met ? 'yes' : '**no**', title]),
    ...failed.map(({ name, failure }) => [`all of "${name}"`, '–', `not measured: ${oneLine(failure ?? '')}`, '**no**', name]),
  ]);
  const parts = results.flatMap(({ section, seconds, measured, machine: on, load: busy }) => (section === null ? [] : [`${toMarkdown(section)}\nMeasured ${measured} in ${String(seconds)} s on ${on}; load ${busy.toFixed(1)} when it began.\n`]));
  return ['# What it costs', '', 'Written by `npm run bench`; do not edit by hand.', '', '## Targets', '', ...summary, '', ...parts].join('\n');
}

const oneLine = (text: string): string => text.replaceAll(/\s+/gu, ' ').replaceAll('|', '/').slice(0, 300);
