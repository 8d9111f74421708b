import type { FieldChanges, Refusal } from './field-values';
import type { Json } from './json';

/** An API answer before it is sent: what goes over the wire, and what the evidence log wants to know about it. */
export type ApiAnswer = {
  readonly status: number;
  readonly body: Json | null;
  readonly headers: { readonly [name: string]: string };
  readonly recordId: string | null;
  readonly changes: FieldChanges;
};

const NO_CHANGES: FieldChanges = new Map();

export function answer(status: number, body: Json | null, extra: Partial<Pick<ApiAnswer, 'headers' | 'recordId' | 'changes'>> = {}): ApiAnswer {
  return { status, body, headers: {}, recordId: null, changes: NO_CHANGES, ...extra };
}

export function errorAnswer(refusal: Refusal, recordId: string | null, headers: ApiAnswer['headers'] = {}): ApiAnswer {
  const { status, code, message, field } = refusal;
  return answer(status, { error: { code, message, field } }, { recordId, headers });
}
