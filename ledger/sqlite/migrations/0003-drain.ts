/** Which hints wait for a drain, which notes a drain is at or was at, and until when a drain counts as ordered. */
export const drain = {
  number: 3,
  name: 'drain',
  sql: `
CREATE TABLE sync_takes (
  sync TEXT NOT NULL,
  system TEXT NOT NULL,
  native_id TEXT NOT NULL,
  taken_by TEXT,
  taken_seq INTEGER NOT NULL,
  taken_until TEXT NOT NULL,
  PRIMARY KEY (sync, system, native_id)
);

ALTER TABLE sync_notes ADD COLUMN drain_seq INTEGER NOT NULL DEFAULT 0;

ALTER TABLE sync_syncs ADD COLUMN drain_ordered_until TEXT;
`,
} as const;
