/** What one part of the bench measured: a table that people read, and the same numbers as JSON. */
export interface Section {
  readonly id: string;
  readonly title: string;
  /** What was measured, of what, how often. */
  readonly about: string;
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
  /** Targets of the project, each with what was found. */
  readonly targets: readonly Target[];
}

export type Row = readonly (string | number)[];

export interface Target {
  readonly what: string;
  readonly limit: string;
  readonly found: string;
  readonly met: boolean;
}

/** A target that is a ratio or a count of at most `limit`. */
export function atMost(what: string, limit: number, found: number, unit = ''): Target {
  return { what, limit: `at most ${String(limit)}${unit}`, found: `${rounded(found)}${unit}`, met: found <= limit };
}

export function atLeast(what: string, limit: number, found: number, unit = ''): Target {
  return { what, limit: `at least ${String(limit)}${unit}`, found: `${rounded(found)}${unit}`, met: found >= limit };
}

/** Three significant digits: more would pretend to a precision that no bench has. */
export function rounded(value: number): string {
  if (!Number.isFinite(value)) return '–';
  return value >= 1000 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}

const cell = (value: string | number): string => (typeof value === 'number' ? rounded(value) : value);
/** A table as Markdown lines. */
export const tableOf = (columns: readonly string[], rows: readonly Row[]): readonly string[] => [line(columns), line(columns.map(() => '---')), ...rows.map((row) => line(row.map(cell)))];
const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

export function toMarkdown({ title, about, columns, rows, targets }: Section): string {
  const goals = targets.length === 0 ? [] : ['', ...tableOf(['target', 'limit', 'found', 'met'], targets.map(({ what, limit, found, met }) => [what, limit, found, met ? 'yes' : '**no**']))];
  return [`## ${title}`, '', about, '', ...tableOf(columns, rows), ...goals, ''].join('\n');
}
