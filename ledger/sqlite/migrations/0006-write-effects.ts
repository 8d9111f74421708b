/** What the writes of a commit did, with its first line of the history: enough to undo a run. */
export const writeEffects = {
  number: 6,
  name: 'write effects',
  sql: `
ALTER TABLE sync_history ADD COLUMN effect TEXT;
CREATE INDEX sync_history_of_run ON sync_history (sync, run_id) WHERE effect IS NOT NULL;
`,
} as const;
