/** A working day of two systems that agree in the morning: who edits what in which quarter of an hour. */
import type { JsonObject } from '../../demo/systems/json';
import { crmContact, helpdeskTicket } from '../people';

export type Side = 'crm' | 'support';

export interface Edit {
  /** 0 to 95. */
  readonly quarter: number;
  readonly side: Side;
  readonly person: number;
  /** Canonical name of the field, and where the system keeps it. */
  readonly field: 'job_title' | 'company';
  readonly value: string;
}

export const QUARTERS = 96;
const PLACES = { crm: { job_title: 'job_title', company: 'company' }, support: { job_title: 'title', company: 'organization' } } as const;
const MORNING = { created_at: '2026-03-10T06:00:00.000Z', updated_at: '2026-03-10T06:00:00.000Z' };

export const crmId = (person: number): string => String(4700 + person);
export const ticketId = (person: number): string => `T-${String(1000 + person)}`;
export const idOn = (side: Side, person: number): string => (side === 'crm' ? crmId(person) : ticketId(person));

export function morning(people: number): { readonly crm: readonly JsonObject[]; readonly support: readonly JsonObject[] } {
  const numbers = Array.from({ length: people }, (_, place) => place + 1);
  const kept = ({ etag: _etag, custom: _custom, custom_fields: _fields, ...record }: Readonly<Record<string, unknown>>, id: string): JsonObject => ({ ...record, ...MORNING, id });
  return { crm: numbers.map((number) => kept(crmContact(number), crmId(number))), support: numbers.map((number) => kept(helpdeskTicket(number), ticketId(number))) };
}

/** 5 % of the people, half in each system, spread over working hours; every fourth is edited on both sides in one quarter, in two fields. */
export function editsOf(people: number): readonly Edit[] {
  const chosen = Array.from({ length: Math.round(people / 20) }, (_, place) => 1 + place * 20);
  return chosen.flatMap((person, place): Edit[] => {
    const quarter = 32 + (place % 32);
    const side: Side = place % 2 === 0 ? 'crm' : 'support';
    const edit: Edit = { quarter, side, person, field: 'job_title', value: `Title of ${String(person)}` };
    return place % 4 === 3 ? [edit, { quarter, side: side === 'crm' ? 'support' : 'crm', person, field: 'company', value: `Company of ${String(person)}` }] : [edit];
  });
}

export const changesOf = ({ side, field, value }: Edit): JsonObject => ({ [PLACES[side][field]]: value });
export const heldOf = (record: Readonly<Record<string, unknown>>, side: Side, field: Edit['field']): unknown => record[PLACES[side][field]];
