/** The forms a line of a scenario may have, and what each says. A new kind of line is one more row. */
import { fieldNamed, parseFields, parseValue } from './fields';
import { READ_FATES, STEPS, WRITE_FATES, type Given, type Happening, type RecordIn } from './happening';

/** What a pattern's named groups caught. */
export class Caught {
  constructor(private readonly groups: Readonly<Record<string, string | undefined>>) {}

  text(name: string): string {
    const found = this.groups[name];
    if (found === undefined) throw new Error(`This line names no ${name}.`);
    return found;
  }

  optional(name: string): string | null {
    return this.groups[name] ?? null;
  }

  number(name: string): number {
    return Number(this.text(name));
  }

  /** One of the words that are known. */
  word<const Words extends readonly string[]>(name: string, words: Words): Words[number] {
    const given = this.text(name);
    const found = words.find((word) => word === given);
    if (found === undefined) throw new Error(`"${given}" is none of: ${words.join(', ')}.`);
    return found;
  }

  key<Table extends Readonly<Record<string, unknown>>>(name: string, table: Table): Table[keyof Table] {
    const given = this.text(name);
    if (!isKey(table, given)) throw new Error(`"${given}" is none of: ${Object.keys(table).join(', ')}.`);
    return table[given];
  }

  system(name = 'system') {
    return this.word(name, ['a', 'b']);
  }

  get who(): RecordIn {
    return { system: this.system(), alias: this.text('alias') };
  }
}

const isKey = <Table extends object>(table: Table, key: string): key is Extract<keyof Table, string> => Object.hasOwn(table, key);

interface Form<Meaning> {
  readonly pattern: RegExp;
  readonly means: (caught: Caught) => Meaning;
}

function form<Meaning>(words: string, means: (caught: Caught) => Meaning): Form<Meaning> {
  const source = words
    .replaceAll('SYSTEM', '(?<system>[ab])').replaceAll('ALIAS', '(?<alias>[a-z]+)').replaceAll('NUMBER', '(?<number>\\d+)')
    .replaceAll('RUN', 'run (?<run>\\d)').replaceAll('FIELDS', '(?<fields>.+)');
  return { pattern: new RegExp(`^${source}$`, 'u'), means };
}

const SECONDS = { second: 1, minute: 60, hour: 3600, day: 86_400 } as const;

export const GIVENS: readonly Form<Given>[] = [
  form('echo guard off', () => ({ kind: 'echo guard off' })),
  form('SYSTEM has no conditional writes', (caught) => ({ kind: 'quirk', system: caught.system(), quirk: { conditional: false } })),
  form('SYSTEM holds no origin stamps', (caught) => ({ kind: 'quirk', system: caught.system(), quirk: { stamps: false } })),
  form('SYSTEM forgets idempotency keys', (caught) => ({ kind: 'quirk', system: caught.system(), quirk: { honours_keys: false } })),
  form('SYSTEM takes an e-mail address twice', (caught) => ({ kind: 'quirk', system: caught.system(), quirk: { unique_email: false } })),
  form('SYSTEM respells phones and names', (caught) => ({ kind: 'quirk', system: caught.system(), quirk: { reformats: 'spelling' } })),
  form('SYSTEM stores names in capitals', (caught) => ({ kind: 'quirk', system: caught.system(), quirk: { reformats: 'value' } })),
  form('SYSTEM answers writes with (?<part>the written fields|nothing)', (caught) => ({ kind: 'quirk', system: caught.system(), quirk: { answers: caught.text('part') === 'nothing' ? 'nothing' : 'part' } })),
  form('SYSTEM sets the zip when a city is written', (caught) => ({ kind: 'quirk', system: caught.system(), quirk: { automates: true } })),
];

export const FORMS: readonly Form<Happening>[] = [
  form('SYSTEM (?<act>creates|edits) ALIAS: FIELDS', (caught) => ({ kind: caught.word('act', ['creates', 'edits']), who: caught.who, fields: parseFields(caught.text('fields')) })),
  form('SYSTEM (?<act>deletes|undeletes) ALIAS', (caught) => ({ kind: caught.word('act', ['deletes', 'undeletes']), who: caught.who })),
  form('SYSTEM merges ALIAS into (?<into>[a-z]+)', (caught) => ({ kind: 'merges', who: caught.who, into: caught.text('into') })),

  form('webhooks arrive', () => ({ kind: 'webhooks arrive' })),
  form('late webhooks arrive', () => ({ kind: 'late webhooks arrive' })),
  form('webhooks are lost', () => ({ kind: 'webhooks are lost' })),
  form('webhook of SYSTEM ALIAS (?<fate>.+)', (caught) => ({ kind: 'webhook', who: caught.who, fate: caught.word('fate', ['arrives', 'is lost', 'is late', 'is doubled']) })),
  form('one delivery of SYSTEM brings (?<aliases>[a-z]+(?:, [a-z]+)*)', (caught) => ({ kind: 'delivery', system: caught.system(), aliases: caught.text('aliases').split(', ') })),

  form('RUN begins with SYSTEM ALIAS', (caught) => ({ kind: 'run begins', run: caught.number('run'), who: caught.who })),
  form('RUN stops (?<when>before|after) its (?<step>[a-z]+)(?: of (?<of>[ab]))?', (caught) => ({
    kind: 'run stops', run: caught.number('run'), when: caught.word('when', ['before', 'after']), step: caught.word('step', STEPS), of: caught.optional('of') === null ? null : caught.system('of'),
  })),
  form('RUN ends', (caught) => ({ kind: 'run ends', run: caught.number('run') })),
  form('RUN crashes', (caught) => ({ kind: 'run crashes', run: caught.number('run') })),

  form('next write (?<fate>.+)', (caught) => ({ kind: 'write fate', fate: caught.key('fate', WRITE_FATES) })),
  form('next read (?<fate>.+)', (caught) => ({ kind: 'read fate', fate: caught.key('fate', READ_FATES) })),
  form('late writes land', () => ({ kind: 'late writes land' })),
  form('ledger is away for NUMBER calls?', (caught) => ({ kind: 'ledger is away', calls: caught.number('number') })),
  form('NUMBER (?<unit>second|minute|hour|day)s? pass(?:es)?', (caught) => ({ kind: 'time passes', seconds: caught.number('number') * caught.key('unit', SECONDS) })),
  form('leases expire', () => ({ kind: 'time passes', seconds: 121 })),
  form('sweep', () => ({ kind: 'sweep' })),

  form('a person decides (?<subject>[a-z*:]+) of ALIAS: SYSTEM wins', (caught) => ({ kind: 'decides', subject: caught.text('subject'), alias: caught.text('alias'), decision: { kind: 'winner', system: caught.system() } })),
  form('a person decides (?<subject>[a-z*:]+) of ALIAS: keep apart', (caught) => ({ kind: 'decides', subject: caught.text('subject'), alias: caught.text('alias'), decision: { kind: 'keep apart' } })),
  form('a person decides (?<subject>[a-z*:]+) of ALIAS: FIELDS', (caught) => ({ kind: 'decides', subject: caught.text('subject'), alias: caught.text('alias'), decision: { kind: 'value', value: parseFields(caught.text('fields')) } })),
  form('a person undoes the run that wrote (?<field>[a-z]+) (?<value>.+) of ALIAS', (caught) => ({ kind: 'undoes', alias: caught.text('alias'), field: fieldNamed(caught.text('field')), value: parseValue(caught.text('value')) })),

  form('count from here', () => ({ kind: 'count from here' })),
  form('expect SYSTEM ALIAS is gone', (caught) => ({ kind: 'expect gone', who: caught.who })),
  form('expect SYSTEM ALIAS: FIELDS', (caught) => ({ kind: 'expect record', who: caught.who, fields: parseFields(caught.text('fields')) })),
  form('expect NUMBER records? in SYSTEM', (caught) => ({ kind: 'expect size', system: caught.system(), records: caught.number('number') })),
  form('expect NUMBER (?<call>read|write)s?(?: (?:of|to) (?<of>[ab]))?', (caught) => ({
    kind: 'expect calls', call: caught.word('call', ['read', 'write']), times: caught.number('number'), system: caught.optional('of') === null ? null : caught.system('of'),
  })),
  form('expect no questions', () => ({ kind: 'expect questions', questions: [] })),
  form('expect questions: (?<list>.+)', (caught) => ({ kind: 'expect questions', questions: caught.text('list').split(', ').map(questionIn) })),
  form('expect history of ALIAS: (?<field>[a-z]+) (?<lost>.+) lost to (?<won>.+)', (caught) => ({
    kind: 'expect lost value', alias: caught.text('alias'), field: fieldNamed(caught.text('field')), lost: parseValue(caught.text('lost')), won: parseValue(caught.text('won')),
  })),
  form('expect history of ALIAS: NUMBER entr(?:y|ies)', (caught) => ({ kind: 'expect history', alias: caught.text('alias'), entries: caught.number('number') })),
  form('expect RUN is over', (caught) => ({ kind: 'expect run over', run: caught.number('run') })),
  form('expect no issues', () => ({ kind: 'expect issue', alias: null, code: null })),
  form('expect issue of ALIAS: (?<code>[a-z_]+)', (caught) => ({ kind: 'expect issue', alias: caught.text('alias'), code: caught.text('code') })),
];

function questionIn(text: string): { readonly subject: string; readonly alias: string } {
  const [, subject, alias] = /^([a-z*:]+) of ([a-z]+)$/u.exec(text) ?? [];
  if (subject === undefined || alias === undefined) throw new Error(`"${text}" is no question: write "city of ann", or "* of ann" for the record as a whole.`);
  return { subject, alias };
}

/** @throws Error when no form fits, or when a word in a form that fits is unknown */
export function understood<Meaning>(forms: readonly Form<Meaning>[], text: string): Meaning {
  for (const { pattern, means } of forms) {
    const match = pattern.exec(text);
    if (match !== null) return means(new Caught({ ...match.groups }));
  }
  throw new Error(`Nobody knows what this means: ${text}`);
}
