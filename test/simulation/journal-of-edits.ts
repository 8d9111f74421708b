/** What users did and what the sync wrote, as the systems saw it: what the invariants are judged by. */
import type { JsonValue, Override, RecordKey } from '../../core/model';
import type { FieldName } from './fake-system';
import type { FakeName } from './machine-settings';

/** One field that a user (or a system's own automation) set. Values as the system holds them. */
export interface Edit {
  readonly step: number;
  readonly system: FakeName;
  readonly id: string;
  readonly email: string;
  readonly field: FieldName;
  readonly value: JsonValue;
  readonly replaced: JsonValue;
  /** How much the ledger had been told by then (`LedgerMemory`). */
  readonly remembered: number;
  /** A write of ours lay over it although it was made after our read: only a system without conditional writes lets that happen. */
  blind: boolean;
  /** The whole record was brought back as it had been: what counts is that it is there. */
  readonly restored: boolean;
}

export interface Deletion {
  readonly step: number;
  readonly system: FakeName;
  readonly id: string;
  readonly email: string;
  readonly held: { readonly [field in FieldName]: JsonValue };
  /** How often the ledger had been told of it before (`LedgerMemory`). */
  readonly told_before: number;
}

export interface ApiWrite {
  readonly system: FakeName;
  readonly op: 'create' | 'update' | 'delete';
  readonly email: string;
  readonly id: string;
}

/** A system stored something else than what was sent, and said so in its answer: both sides are remembered as they are (law 3). */
export interface Reformatted {
  readonly system: FakeName;
  readonly email: string;
  readonly field: FieldName;
  readonly sent: JsonValue;
  readonly stored: JsonValue;
}

export interface Deeds {
  readonly edits: Edit[];
  readonly deletions: Deletion[];
  readonly writes: ApiWrite[];
  readonly reformatted: Reformatted[];
  /** What stood in the history before retention took it. */
  readonly pruned_overrides: { readonly record_key: RecordKey; readonly override: Override }[];
  /** Emails whose record a user made, or brought back. */
  readonly made: Set<string>;
  readonly undeleted: Set<string>;
  /** Emails with a person's decision to leave both sides as they are, and the step of the last one. */
  readonly kept_apart: Map<string, number>;
  actions: number;
  allowance: number;
}

export const noDeeds = (): Deeds => ({ edits: [], deletions: [], writes: [], reformatted: [], pruned_overrides: [], made: new Set(), undeleted: new Set(), kept_apart: new Map(), actions: 0, allowance: 0 });

export const emailOf = ({ email }: { readonly email: JsonValue }): string => (typeof email === 'string' ? email : '');

/** Equal for people: what the two systems' spellings and reformatting make of one value. */
export function plain(field: FieldName, value: JsonValue | undefined): string {
  if (value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0)) return '';
  if (field === 'phone' && typeof value === 'string') return value.replace(/\D/gu, '').replace(/^1(?=\d{10}$)/u, '');
  if (field === 'tags' && Array.isArray(value)) return JSON.stringify(value.map((entry: JsonValue) => JSON.stringify(entry)).sort());
  return typeof value === 'string' ? value.trim().toUpperCase() : JSON.stringify(value);
}
