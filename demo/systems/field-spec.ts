/** What a system knows about one of its fields: enough to validate a write and to draw the form. */
export type FieldKind =
  | 'text'
  | 'multiline'
  | 'email'
  | 'phone'
  | 'url'
  | 'date' // 1984-02-29: a day, never an instant
  | 'instant' // stored as UTC with milliseconds
  | 'boolean'
  | 'integer'
  | 'number'
  | 'decimal' // money travels as a string, so that no float rounds it
  | 'choice'
  | 'tags'
  | 'country'; // ISO 3166-1 alpha-2

export type FieldSpec = {
  /** Dotted where the record nests: `requester.email`. */
  readonly path: string;
  readonly label: string;
  readonly kind: FieldKind;
  /** Heading in the form. */
  readonly section: string;
  /** Neither absent on create nor null, ever. */
  readonly required?: true;
  readonly choices?: readonly string[];
};
