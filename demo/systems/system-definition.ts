import type { FieldSpec } from './field-spec';
import type { FieldValues } from './field-values';
import type { JsonObject } from './json';
import type { Quirks } from './quirks';

export type Automation = (before: FieldValues, after: FieldValues, quirks: Quirks) => FieldValues;

/** All that sets one demo system apart from the other; the engine knows neither. */
export type SystemDefinition = {
  readonly name: string; // short: "crm"
  readonly title: string; // on the page: "Demo CRM"
  readonly color: string;
  readonly recordType: string; // in webhook event types: "contact"
  readonly collection: string; // in the API's paths: "contacts"
  readonly fields: readonly FieldSpec[];
  readonly emailPath: string;
  readonly columns: readonly string[]; // of the page's list
  readonly firstOrdinal: number;
  readonly idOf: (ordinal: number) => string;
  readonly ordinalOf: (id: string) => number | null;
  readonly quirks: Quirks; // those that are on from the start
  readonly automate: Automation;
  readonly seed: (seed: number, count: number) => readonly JsonObject[];
};
