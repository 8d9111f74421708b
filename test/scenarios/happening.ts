/** What one line of a scenario says. The words of the lines are in `grammar.ts`. */
import type { CanonicalRecord, JsonValue } from '../../core/model';
import type { FieldName, Quirks } from '../simulation/fake-system';
import type { ReadFault, WriteFault } from '../simulation/fault-kinds';
import type { FakeName } from '../simulation/machine-settings';

/** A record as people speak of it: `ann`, whatever ids the systems gave it. */
export type Alias = string;

export interface RecordIn {
  readonly system: FakeName;
  readonly alias: Alias;
}

export const STEPS = ['start', 'read', 'check', 'reserve', 'write', 'commit', 'finish'] as const;
export type StepName = (typeof STEPS)[number];

export const WRITE_FATES = {
  'is answered with 429': 'write answered with 429',
  'is answered with 409': 'write answered with 409',
  'times out before it lands': 'write timed out before landing',
  'times out after it landed': 'write timed out after landing',
  'lands late': 'write landed late',
} as const satisfies Readonly<Record<string, WriteFault>>;

export const READ_FATES = {
  'is answered with 429': 'read answered with 429',
  'is answered with 403': 'read forbidden',
  'times out': 'read timed out',
  'shows the past': 'read from the past',
} as const satisfies Readonly<Record<string, ReadFault>>;

export type Given =
  | { readonly kind: 'quirk'; readonly system: FakeName; readonly quirk: Partial<Quirks> }
  | { readonly kind: 'echo guard off' };

export type Happening =
  | { readonly kind: 'creates' | 'edits'; readonly who: RecordIn; readonly fields: CanonicalRecord }
  | { readonly kind: 'deletes' | 'undeletes'; readonly who: RecordIn }
  | { readonly kind: 'merges'; readonly who: RecordIn; readonly into: Alias }
  | { readonly kind: 'webhooks arrive' }
  | { readonly kind: 'late webhooks arrive' }
  | { readonly kind: 'webhooks are lost' }
  | { readonly kind: 'webhook'; readonly who: RecordIn; readonly fate: 'arrives' | 'is lost' | 'is late' | 'is doubled' }
  | { readonly kind: 'delivery'; readonly system: FakeName; readonly aliases: readonly Alias[] }
  | { readonly kind: 'run begins'; readonly run: number; readonly who: RecordIn }
  | { readonly kind: 'run stops'; readonly run: number; readonly when: 'before' | 'after'; readonly step: StepName; readonly of: FakeName | null }
  | { readonly kind: 'run ends'; readonly run: number }
  | { readonly kind: 'run crashes'; readonly run: number }
  | { readonly kind: 'write fate'; readonly fate: WriteFault }
  | { readonly kind: 'read fate'; readonly fate: ReadFault }
  | { readonly kind: 'late writes land' }
  | { readonly kind: 'ledger is away'; readonly calls: number }
  | { readonly kind: 'time passes'; readonly seconds: number }
  | { readonly kind: 'sweep' }
  | { readonly kind: 'decides'; readonly subject: string; readonly alias: Alias; readonly decision: Decision }
  | { readonly kind: 'undoes'; readonly alias: Alias; readonly field: FieldName; readonly value: JsonValue }
  | { readonly kind: 'count from here' }
  | Expectation;

export type Decision = { readonly kind: 'winner'; readonly system: FakeName } | { readonly kind: 'keep apart' } | { readonly kind: 'value'; readonly value: CanonicalRecord };

export type Expectation =
  | { readonly kind: 'expect record'; readonly who: RecordIn; readonly fields: CanonicalRecord }
  | { readonly kind: 'expect gone'; readonly who: RecordIn }
  | { readonly kind: 'expect size'; readonly system: FakeName; readonly records: number }
  | { readonly kind: 'expect calls'; readonly call: 'read' | 'write'; readonly system: FakeName | null; readonly times: number }
  | { readonly kind: 'expect questions'; readonly questions: readonly { readonly subject: string; readonly alias: Alias }[] }
  | { readonly kind: 'expect lost value'; readonly alias: Alias; readonly field: FieldName; readonly lost: JsonValue; readonly won: JsonValue }
  | { readonly kind: 'expect history'; readonly alias: Alias; readonly entries: number }
  | { readonly kind: 'expect run over'; readonly run: number }
  | { readonly kind: 'expect issue'; readonly alias: Alias | null; readonly code: string | null };

export interface Line {
  /** `file:line`, for messages. */
  readonly at: string;
  readonly text: string;
  readonly says: Happening;
}

export interface Scenario {
  readonly file: string;
  readonly title: string;
  readonly cases: readonly string[];
  /** Played by the shipped workflows of a real n8n as well. */
  readonly on_n8n: boolean;
  readonly given: readonly Given[];
  readonly lines: readonly Line[];
}
