/** What stops a sync until a person lets it go on. At most one hold of a guard and subject is open. */
export const holds = {
  number: 5,
  name: 'holds',
  sql: `
CREATE TABLE sync_holds (
  id TEXT NOT NULL PRIMARY KEY,
  seq INTEGER NOT NULL,
  sync TEXT NOT NULL,
  guard TEXT NOT NULL,
  subject TEXT NOT NULL,
  counted INTEGER NOT NULL,
  allowed INTEGER NOT NULL,
  known INTEGER,
  held_by TEXT,
  said TEXT,
  opened_at TEXT NOT NULL,
  told_at TEXT,
  released_at TEXT,
  released_by TEXT
);
CREATE UNIQUE INDEX sync_holds_open ON sync_holds (sync, guard, subject) WHERE released_at IS NULL;
CREATE INDEX sync_holds_released ON sync_holds (sync, guard, subject, released_at) WHERE released_at IS NOT NULL;
CREATE INDEX sync_runs_since ON sync_runs (sync, started_at);
`,
} as const;
