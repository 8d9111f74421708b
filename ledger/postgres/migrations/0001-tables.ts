/**
 * All tables of the ledger. Same names and columns as in SQLite. Records stay text (JSON with sorted keys): `jsonb` refuses NUL
 * and lone surrogates, so that one odd record would block its whole batch.
 */
export const tables = {
  number: 1,
  name: 'tables',
  sql: `
CREATE SEQUENCE {schema}.sync_sequence;

CREATE TABLE {schema}.sync_syncs (
  sync TEXT NOT NULL PRIMARY KEY,
  first_system TEXT NOT NULL,
  second_system TEXT NOT NULL,
  record_type TEXT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  forgotten_seq BIGINT NOT NULL DEFAULT 0,
  UNIQUE (first_system, second_system, record_type)
);

CREATE TABLE {schema}.sync_ledger (
  record_key TEXT NOT NULL,
  source_system TEXT NOT NULL,
  target_system TEXT NOT NULL,
  field_hash TEXT NOT NULL,
  direction TEXT NOT NULL,
  synced_at TIMESTAMPTZ DEFAULT NOW(),
  seq BIGINT NOT NULL,
  change_set TEXT,
  idempotency_key TEXT,
  execution_id TEXT,
  cause TEXT,
  PRIMARY KEY (record_key, direction, field_hash)
);
CREATE INDEX sync_ledger_newest ON {schema}.sync_ledger (record_key, seq);

CREATE TABLE {schema}.sync_records (
  sync TEXT NOT NULL,
  record_key TEXT NOT NULL,
  version BIGINT NOT NULL,
  committed_version BIGINT NOT NULL,
  changed_seq BIGINT NOT NULL,
  fencing_token BIGINT NOT NULL,
  committed_token BIGINT NOT NULL,
  lease_run TEXT,
  lease_expires_at TIMESTAMPTZ,
  tombstone_at TIMESTAMPTZ,
  PRIMARY KEY (sync, record_key)
);

CREATE TABLE {schema}.sync_links (
  sync TEXT NOT NULL,
  system TEXT NOT NULL,
  native_id TEXT NOT NULL,
  record_key TEXT NOT NULL,
  -- Who a native id belongs to is asked of every item of every batch: the indexes say it, without a look at the table.
  PRIMARY KEY (sync, system, native_id) INCLUDE (record_key),
  UNIQUE (sync, record_key, system) INCLUDE (native_id)
);

CREATE TABLE {schema}.sync_snapshots (
  sync TEXT NOT NULL,
  record_key TEXT NOT NULL,
  system TEXT NOT NULL,
  native_id TEXT,
  presence TEXT NOT NULL,
  record TEXT NOT NULL,
  fingerprint TEXT,
  mapping_fingerprint TEXT NOT NULL,
  observed_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (sync, record_key, system)
);

CREATE TABLE {schema}.sync_notes (
  sync TEXT NOT NULL,
  system TEXT NOT NULL,
  native_id TEXT NOT NULL,
  hint_seq BIGINT NOT NULL,
  handled_seq BIGINT NOT NULL,
  unlinked_seq BIGINT NOT NULL DEFAULT 0,
  record_key TEXT,
  PRIMARY KEY (sync, system, native_id)
);
CREATE INDEX sync_notes_of_record ON {schema}.sync_notes (record_key) WHERE record_key IS NOT NULL;
CREATE INDEX sync_notes_unhandled ON {schema}.sync_notes (sync, hint_seq) WHERE hint_seq > handled_seq;

CREATE TABLE {schema}.sync_intents (
  sync TEXT NOT NULL,
  record_key TEXT NOT NULL,
  fencing_token BIGINT NOT NULL,
  system TEXT NOT NULL,
  op TEXT NOT NULL,
  to_record TEXT NOT NULL,
  from_record TEXT NOT NULL,
  echo_fingerprint TEXT,
  idempotency_key TEXT NOT NULL,
  native_id TEXT,
  match_key TEXT,
  overrides TEXT NOT NULL,
  used TEXT NOT NULL,
  superseded BOOLEAN NOT NULL,
  run_id TEXT NOT NULL,
  may_land_until TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (sync, record_key, fencing_token, system)
);
CREATE INDEX sync_intents_match_key ON {schema}.sync_intents (sync, system, match_key) WHERE match_key IS NOT NULL;

CREATE TABLE {schema}.sync_reviews (
  id TEXT NOT NULL PRIMARY KEY,
  seq BIGINT NOT NULL,
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
  opened_at TIMESTAMPTZ NOT NULL,
  decided_at TIMESTAMPTZ,
  UNIQUE (sync, record_key, subject)
);

CREATE TABLE {schema}.sync_issues (
  id TEXT NOT NULL PRIMARY KEY,
  seq BIGINT NOT NULL,
  sync TEXT NOT NULL,
  record_key TEXT,
  system TEXT NOT NULL,
  native_id TEXT NOT NULL,
  code TEXT NOT NULL,
  reasons TEXT NOT NULL,
  opened_at TIMESTAMPTZ NOT NULL,
  seen INTEGER NOT NULL,
  UNIQUE (sync, system, native_id, code)
);

CREATE TABLE {schema}.sync_history (
  sync TEXT NOT NULL,
  record_key TEXT NOT NULL,
  seq BIGINT NOT NULL,
  direction TEXT NOT NULL,
  field_hash TEXT NOT NULL,
  fields TEXT NOT NULL,
  at TIMESTAMPTZ NOT NULL,
  run_id TEXT NOT NULL,
  cause TEXT NOT NULL,
  change_set TEXT NOT NULL,
  overrides TEXT NOT NULL,
  closed_reviews TEXT NOT NULL,
  effect TEXT,
  PRIMARY KEY (sync, record_key, seq)
);
CREATE INDEX sync_history_of_run ON {schema}.sync_history (sync, run_id) WHERE effect IS NOT NULL;

CREATE TABLE {schema}.sync_runs (
  run_id TEXT NOT NULL PRIMARY KEY,
  sync TEXT NOT NULL,
  read_token BIGINT NOT NULL,
  direction TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  cause TEXT NOT NULL,
  execution_id TEXT,
  started_at TIMESTAMPTZ NOT NULL,
  counts JSONB NOT NULL
);
CREATE INDEX sync_runs_newest ON {schema}.sync_runs (sync, read_token);

CREATE TABLE {schema}.sync_cursors (
  sync TEXT NOT NULL,
  system TEXT NOT NULL,
  cursor TEXT NOT NULL,
  saved_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (sync, system)
);
`,
} as const;
