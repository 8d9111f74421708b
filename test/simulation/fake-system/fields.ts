/** What both systems hold of a record. `score` is computed in `a` and read only there. */
export const FIELDS = ['email', 'name', 'phone', 'city', 'zip', 'tags', 'score'] as const;
export type FieldName = (typeof FIELDS)[number];
