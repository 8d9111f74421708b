/**
 * A scenario is a text: a title, its cases, what is given, then a line per happening or expectation. It ends by saying that
 * a further run writes nothing, for that must be so after everything that can happen (case G8).
 */
import type { Given, Line, Scenario } from './happening';
import { FORMS, GIVENS, understood } from './grammar';

export const LAST_LINE = 'a further run writes nothing';
/** The third line of a scenario that is played by the shipped workflows of a real n8n as well. */
const ON_N8N = 'on: n8n';
const CASE = /^[ECIDVFG]\d{1,2}$/u;

/** @throws Error that names file and line */
export function parseScenario(file: string, text: string): Scenario {
  const lines = text.split('\n').map((line, index) => ({ at: `${file}:${index + 1}`, text: line.trim() })).filter((line) => line.text !== '' && !line.text.startsWith('#'));
  const [first, second, ...told] = lines;
  const on_n8n = told[0]?.text === ON_N8N;
  const rest = on_n8n ? told.slice(1) : told;
  const last = rest.pop();
  const title = headed('scenario', first, file);
  const cases = headed('cases', second, file).split(' ');
  for (const id of cases) if (!CASE.test(id)) throw new Error(`${second?.at ?? file}: "${id}" is no case number.`);
  if (last?.text !== LAST_LINE) throw new Error(`${last?.at ?? file}: a scenario ends with "${LAST_LINE}".`);

  const given: Given[] = [];
  const happenings: Line[] = [];
  for (const line of rest) {
    if (line.text.startsWith('given ')) {
      if (happenings.length > 0) throw new Error(`${line.at}: what is given stands before what happens.`);
      given.push(located(line, () => understood(GIVENS, line.text.slice('given '.length))));
    } else happenings.push({ ...line, says: located(line, () => understood(FORMS, line.text)) });
  }
  if (!happenings.some(({ says }) => says.kind.startsWith('expect'))) throw new Error(`${file}: nothing is expected.`);
  return { file, title, cases, on_n8n, given, lines: happenings };
}

interface Located {
  readonly at: string;
  readonly text: string;
}

function headed(word: string, line: Located | undefined, file: string): string {
  if (line?.text.startsWith(`${word}: `) !== true) throw new Error(`${line?.at ?? file}: a scenario begins with "scenario: …", then "cases: …".`);
  return line.text.slice(word.length + 2);
}

function located<T>({ at }: Located, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new Error(`${at}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
