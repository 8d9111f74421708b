/** All tables of the ledger. Same names and columns as in PostgreSQL; times are ISO 8601 text, JSON is text with sorted keys. */
export const tables = {
  number: 1,
  name: 'tables',
  sql: `
CREATE TABLE sync_sequence (only_row INTEGER PRIMARY KEY CHECK (only_row = 1), value INTEGER NOT NULL);
INSERT INTO sync_sequence VALUES (1, 0);

CREATE TABLE sync_syncs (
  sync TEXT NOT NULL PRIMARY KEY,
  first_system TEXT NOT NULL,
  second_system TEXT NOT NULL,
  record_type TEXT NOT NULL,
  created_at TEXT NOT NULL,
  UNIQUE (first_system, second_system, record_type)
);

CREATE TABLE sync_ledger (
  record_key TEXT NOT NULL,
  source_system TEXT NOT NULL,
  target_system TEXT NOT NULL,
  field_hash TEXT NOT NULL,
  direction TEXT NOT NULL,
  synced_at TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  seq INTEGER NOT NULL,
  change_set TEXT,
  idempotency_key TEXT,
  execution_id TEXT,
  cause TEXT,
  PRIMARY KEY (record_key, direction, field_hash)
);
CREATE INDEX sync_ledger_newest ON sync_ledger (record_key, seq);

CREATE TABLE sync_records (
  sync TEXT NOT NULL,
  record_key TEXT NOT NULL,
  version INTEGER NOT NULL,
  committed_version INTEGER NOT NULL,
  changed_seq INTEGER NOT NULL,
  fencing_token INTEGER NOT NULL,
  committed_token INTEGER NOT NULL,
  lease_run TEXT,
  lease_expires_at TEXT,
  tombstone_at TEXT,
  PRIMARY KEY (sync, record_key)
);

CREATE TABLE sync_links (
  sync TEXT NOT NULL,
  system TEXT NOT NULL,
  native_id TEXT NOT NULL,
  record_key TEXT NOT NULL,
  PRIMARY KEY (sync, system, native_id),
  UNIQUE (sync, record_key, system)
);

CREATE TABLE sync_snapshots (
  sync TEXT NOT NULL,
  record_key TEXT NOT NULL,
  system TEXT NOT NULL,
  native_id TEXT,
  presence TEXT NOT NULL,
  record TEXT NOT NULL,
  fingerprint TEXT,
  mapping_fingerprint TEXT NOT NULL,
  observed_at TEXT NOT NULL,
  PRIMARY KEY (sync, record_key, system)
);

CREATE TABLE sync_notes (
  sync TEXT NOT NULL,
  system TEXT NOT NULL,
  native_id TEXT NOT NULL,
  hint_seq INTEGER NOT NULL,
  handled_seq INTEGER NOT NULL,
  unlinked_seq INTEGER NOT NULL DEFAULT 0,
  record_key TEXT,
  PRIMARY KEY (sync, system, native_id)
);
CREATE INDEX sync_notes_of_record ON sync_notes (sync, record_key) WHERE record_key IS NOT NULL;
CREATE INDEX sync_notes_unhandled ON sync_notes (sync, hint_seq) WHERE hint_seq > handled_seq;

CREATE TABLE sync_intents (
  sync TEXT NOT NULL,
  record_key TEXT NOT NULL,
  fencing_token INTEGER NOT NULL,
  system TEXT NOT NULL,
  op TEXT NOT NULL,
  to_record TEXT NOT NULL,
  from_record TEXT NOT NULL,
  echo_fingerprint TEXT,
  idempotency_key TEXT NOT NULL,
  native_id TEXT,
  match_key TEXT,
  used TEXT NOT NULL,
  superseded INTEGER NOT NULL,
  run_id TEXT NOT NULL,
  may_land_until TEXT NOT NULL,
  PRIMARY KEY (sync, record_key, fencing_token, system)
);
CREATE INDEX sync_intents_match_key ON sync_intents (sync, system, match_key) WHERE match_key IS NOT NULL;

CREATE TABLE sync_reviews (
  id TEXT NOT NULL PRIMARY KEY,
  seq INTEGER NOT NULL,
  sync TEXT NOT NULL,
  record_key TEXT NOT NULL,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  fields TEXT NOT NULL,
  reason TEXT NOT NULL,
  "values" TEXT NOT NULL,
  base TEXT NOT NULL,
  status TEXT NOT NULL,
  decision TEXT,
  source_system TEXT NOT NULL,
  source_native_id TEXT,
  opened_at TEXT NOT NULL,
  decided_at TEXT,
  UNIQUE (sync, record_key, subject)
);

CREATE TABLE sync_issues (
  id TEXT NOT NULL PRIMARY KEY,
  seq INTEGER NOT NULL,
  sync TEXT NOT NULL,
  record_key TEXT,
  system TEXT NOT NULL,
  native_id TEXT NOT NULL,
  code TEXT NOT NULL,
  reasons TEXT NOT NULL,
  opened_at TEXT NOT NULL,
  seen INTEGER NOT NULL,
  UNIQUE (sync, system, native_id, code)
);

CREATE TABLE sync_history (
  sync TEXT NOT NULL,
  record_key TEXT NOT NULL,
  seq INTEGER NOT NULL,
  direction TEXT NOT NULL,
  field_hash TEXT NOT NULL,
  fields TEXT NOT NULL,
  at TEXT NOT NULL,
  run_id TEXT NOT NULL,
  cause TEXT NOT NULL,
  change_set TEXT NOT NULL,
  overrides TEXT NOT NULL,
  closed_reviews TEXT NOT NULL,
  PRIMARY KEY (sync, record_key, seq)
);

CREATE TABLE sync_runs (
  run_id TEXT NOT NULL PRIMARY KEY,
  sync TEXT NOT NULL,
  read_token INTEGER NOT NULL,
  direction TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  cause TEXT NOT NULL,
  execution_id TEXT,
  started_at TEXT NOT NULL,
  counts TEXT NOT NULL
);
CREATE INDEX sync_runs_newest ON sync_runs (sync, read_token);

CREATE TABLE sync_cursors (
  sync TEXT NOT NULL,
  system TEXT NOT NULL,
  cursor TEXT NOT NULL,
  saved_at TEXT NOT NULL,
  PRIMARY KEY (sync, system)
);
`,
} as const;
