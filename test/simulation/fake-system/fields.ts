/** What both systems hold of a record. `score` is computed in `a` and read only there. */
export const FIELDS = ['email', 'name', 'phone', 'city', 'zip', 'tags', 'score'] as const;
export type FieldName = (typeof FIELDS)[number];

const NAMES: ReadonlySet<string> = new Set(FIELDS);
export const isFieldName = (name: string): name is FieldName => NAMES.has(name);

export const fieldsIn = (fields: { readonly [field in FieldName]?: unknown }): readonly FieldName[] => FIELDS.filter((field) => fields[field] !== undefined);
