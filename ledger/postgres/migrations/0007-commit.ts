/**
 * Step for step what `ledger/steps/commit.ts` does; which lease is good is said by `decideHold` in `core/stages/ledger-reserve.ts`.
 * In pieces, as Reserve: each statement is about all items of a piece.
 */
export const commit = {
  number: 7,
  name: 'commit',
  sql: `
-- What becomes of an item. kind: held, planned (without a write), still (a plan that moves nothing), repeated, stale or refused.
-- token: of the hold; null for a plan. version: after this commit. opens: subjects of the questions that are new.
CREATE TYPE {schema}.sync_committing AS (place bigint, record_key text, item jsonb, kind text, token bigint, version bigint, reason text, claimed_by text, opens text[]);

CREATE FUNCTION {schema}.sync_moved_snapshots(p_sync text, p_item jsonb) RETURNS TABLE (system text, snapshot jsonb) LANGUAGE sql STABLE ROWS 2 AS $$
  SELECT e.key, nullif(e.value, 'null') FROM jsonb_each(p_item->'snapshots') e
    LEFT JOIN {schema}.sync_snapshots s ON s.sync = p_sync AND s.record_key = p_item->>'record_key' AND s.system = e.key
  WHERE CASE WHEN e.value = 'null' THEN s.sync IS NOT NULL
    ELSE s.sync IS NULL OR (s.presence, s.record, s.fingerprint, s.mapping_fingerprint)
      IS DISTINCT FROM (e.value->>'presence', e.value->>'record', e.value->>'fingerprint', e.value->>'mapping_fingerprint') END
$$;

-- The same question about the same values stays as it is, a decision on it included, unless this very commit closes it.
CREATE FUNCTION {schema}.sync_new_questions(p_sync text, p_item jsonb) RETURNS TABLE (subject text) LANGUAGE sql STABLE ROWS 1 AS $$
  SELECT e->>'subject' FROM jsonb_array_elements(p_item->'open_reviews') e
  WHERE NOT EXISTS (SELECT 1 FROM {schema}.sync_reviews v WHERE v.sync = p_sync AND v.record_key = p_item->>'record_key' AND v.subject = e->>'subject' AND v."values" = e->>'values'
    AND NOT p_item->'close_reviews' ? v.id)
$$;

-- Law 10: a run that finds what it left behind leaves the ledger as it is.
CREATE FUNCTION {schema}.sync_moves_anything(p_run jsonb, p_item jsonb) RETURNS boolean LANGUAGE plpgsql VOLATILE SET search_path = {schema}, pg_temp AS $$
DECLARE
  v_sync text := p_run->>'sync';
  v_key text := p_item->>'record_key';
  v_tuple jsonb := p_item->'journal'->-1;
  v_latest sync_ledger;
BEGIN
  IF EXISTS (SELECT 1 FROM sync_holders(v_sync, p_item->'links') h WHERE h.record_key IS DISTINCT FROM v_key)
      OR EXISTS (SELECT 1 FROM sync_moved_snapshots(v_sync, p_item))
      OR EXISTS (SELECT 1 FROM sync_new_questions(v_sync, p_item))
      OR EXISTS (SELECT 1 FROM sync_reviews v WHERE v.sync = v_sync AND v.record_key = v_key AND p_item->'close_reviews' ? v.id)
      OR EXISTS (SELECT 1 FROM sync_records r WHERE r.sync = v_sync AND r.record_key = v_key AND r.lease_run IS NOT NULL)
      OR EXISTS (SELECT 1 FROM sync_intents i WHERE i.sync = v_sync AND i.record_key = v_key AND (NOT i.superseded OR p_item->'used_intents' ? (i.fencing_token || ':' || i.system))) THEN
    RETURN true;
  END IF;
  IF v_tuple IS NULL THEN
    RETURN false;
  END IF;
  SELECT * INTO v_latest FROM sync_ledger j WHERE j.record_key = v_key
    AND j.direction IN ((p_run->>'source') || '-to-' || (p_run->>'target'), (p_run->>'target') || '-to-' || (p_run->>'source')) ORDER BY j.seq DESC LIMIT 1;
  RETURN v_latest.direction IS DISTINCT FROM v_tuple->>'direction' OR v_latest.field_hash IS DISTINCT FROM v_tuple->>'field_hash';
END $$;

-- Seen by a commit, or by a run whose record in the place of the deleted one was refused: its question shows nothing there.
CREATE FUNCTION {schema}.sync_knows_gone(p_sync text, p_key text, p_system text) RETURNS boolean LANGUAGE sql VOLATILE SET search_path = {schema}, pg_temp AS $$
  SELECT EXISTS (SELECT 1 FROM sync_snapshots s WHERE s.sync = p_sync AND s.record_key = p_key AND s.system = p_system AND s.presence = 'gone')
    OR EXISTS (SELECT 1 FROM sync_reviews v WHERE v.sync = p_sync AND v.record_key = p_key AND v.subject = 'rejected:' || p_system AND v.status = 'open' AND coalesce(v."values"::jsonb->p_system, '{}') = '{}')
$$;

-- The holder was refused a create for this row's match key, since this row's own is open: its run was handed over, by a note of the
-- record that it would have created there.
CREATE FUNCTION {schema}.sync_wants_to_create(p_sync text, p_key text, p_holder text, p_system text) RETURNS boolean LANGUAGE sql VOLATILE SET search_path = {schema}, pg_temp AS $$
  SELECT EXISTS (SELECT 1 FROM sync_notes n JOIN sync_links l ON l.sync = p_sync AND l.system = n.system AND l.native_id = n.native_id
    WHERE n.sync = p_sync AND n.record_key = p_key AND n.system <> p_system AND l.record_key = p_holder)
$$;

-- A record created by this very run may have been linked to another row meanwhile. That write stays open, so that the row does not
-- create again, and neither side counts as seen. Where that row knows the record to be gone by now, or would create one in its place, a
-- provider has answered an old key with what became of it: that create is over, and the run looks again.
CREATE FUNCTION {schema}.sync_without_foreign(p_sync text, p_item jsonb, p_now timestamptz) RETURNS TABLE (item jsonb, claimed_by text) LANGUAGE sql STABLE ROWS 1 AS $$
  SELECT CASE WHEN h.foreign_in IS NULL THEN p_item ELSE p_item || jsonb_build_object('links', (p_item->'links') - h.foreign_in, 'snapshots', '{}'::jsonb,
      'keep_intents', (p_item->'keep_intents') || to_jsonb(coalesce(h.open_in, '{}')),
      'recheck', coalesce(p_item->>'recheck', CASE WHEN cardinality(h.foreign_in) > coalesce(cardinality(h.open_in), 0) THEN 'look_again' END)) END, h.claimed_by
  FROM (SELECT array_agg(f.system) AS foreign_in, min(f.record_key) FILTER (WHERE NOT f.over) AS claimed_by, array_agg(f.system) FILTER (WHERE NOT f.over) AS open_in
    FROM (SELECT o.system, o.record_key, {schema}.sync_knows_gone(p_sync, o.record_key, o.system) OR {schema}.sync_wants_to_create(p_sync, p_item->>'record_key', o.record_key, o.system) AS over
      FROM {schema}.sync_holders(p_sync, p_item->'links') o WHERE o.record_key <> p_item->>'record_key' AND NOT {schema}.sync_gives_way(p_sync, o.record_key, p_item->>'record_key', p_now)) AS f) AS h
$$;

CREATE FUNCTION {schema}.sync_closed(p_sync text, p_item jsonb) RETURNS text LANGUAGE sql VOLATILE SET search_path = {schema}, pg_temp AS $$
  SELECT coalesce(json_agg(json_build_object('id', v.id, 'kind', v.kind, 'subject', v.subject, 'fields', v.fields::json, 'reason', v.reason, 'values', v."values"::json, 'base', v.base::json,
    'status', v.status, 'decision', v.decision::json) ORDER BY v.seq)::text, '[]')
  FROM sync_reviews v WHERE v.sync = p_sync AND v.record_key = p_item->>'record_key' AND p_item->'close_reviews' ? v.id
$$;

-- What lost, what a person decided and what an undo needs stand with the first tuple; without a tuple they get a line of their own.
CREATE FUNCTION {schema}.sync_write_journal(p_run jsonb, p_stored {schema}.sync_committing[], p_now timestamptz) RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = {schema}, pg_temp AS $$
DECLARE
  v_sync text := p_run->>'sync';
  v_execution text := (SELECT execution_id FROM sync_runs WHERE run_id = p_run->>'run_id');
  v_long record;
  v_lone jsonb := jsonb_build_object('direction', (p_run->>'source') || '-to-' || (p_run->>'target'), 'field_hash', '', 'fields', '[]', 'change_set', '{}');
BEGIN
  WITH explained AS (
    SELECT c.place, c.record_key, c.item->'journal' AS journal, c.item->>'reason' AS reason, c.item->>'overrides' AS overrides, c.item->>'effect' AS effect, CASE WHEN c.item->'close_reviews' = '[]' THEN '[]' ELSE sync_closed(v_sync, c.item) END AS closed FROM sync_each(p_stored) c),
  tuples AS MATERIALIZED (
    SELECT t.*, nextval('sync_sequence') AS seq FROM (
      SELECT e.record_key, j.tuple, j.place AS nth, true AS listed, e.overrides, e.closed, e.effect, e.place FROM explained e, jsonb_array_elements(e.journal) WITH ORDINALITY AS j(tuple, place)
      UNION ALL SELECT e.record_key, v_lone || jsonb_build_object('cause', e.reason), 1, false, e.overrides, e.closed, e.effect, e.place FROM explained e WHERE e.journal = '[]' AND (e.overrides <> '[]' OR e.closed <> '[]')
      ORDER BY place, nth) AS t),
  listed AS (
    -- The published primary key stays; a repeated tuple moves to the top, so that "already synced" means the latest value.
    INSERT INTO sync_ledger (record_key, source_system, target_system, field_hash, direction, synced_at, seq, change_set, idempotency_key, execution_id, cause)
    SELECT DISTINCT ON (t.record_key, t.tuple->>'direction', t.tuple->>'field_hash') t.record_key, t.tuple->>'source_system', t.tuple->>'target_system', t.tuple->>'field_hash', t.tuple->>'direction', p_now, t.seq,
      t.tuple->>'change_set', t.tuple->>'idempotency_key', v_execution, t.tuple->>'cause'
    FROM tuples t WHERE t.listed ORDER BY t.record_key, t.tuple->>'direction', t.tuple->>'field_hash', t.seq DESC
    ON CONFLICT (record_key, direction, field_hash) DO UPDATE SET synced_at = excluded.synced_at, seq = excluded.seq, change_set = excluded.change_set,
      idempotency_key = excluded.idempotency_key, execution_id = excluded.execution_id, cause = excluded.cause)
  INSERT INTO sync_history (sync, record_key, seq, direction, field_hash, fields, at, run_id, cause, change_set, overrides, closed_reviews, effect)
  SELECT v_sync, t.record_key, t.seq, t.tuple->>'direction', t.tuple->>'field_hash', t.tuple->>'fields', p_now, p_run->>'run_id', t.tuple->>'cause', t.tuple->>'change_set',
    CASE WHEN t.nth = 1 THEN t.overrides ELSE '[]' END, CASE WHEN t.nth = 1 THEN t.closed ELSE '[]' END, CASE WHEN t.nth = 1 THEN t.effect END FROM tuples t;
  -- Hardly ever is there one. In a loop, or the planner, who knows of no lines yet, would go through all of them for each item.
  FOR v_long IN SELECT c.record_key, oldest.seq FROM sync_each(p_stored) c
    CROSS JOIN LATERAL (SELECT o.seq FROM sync_history o WHERE o.sync = v_sync AND o.record_key = c.record_key ORDER BY o.seq DESC OFFSET 200 LIMIT 1) AS oldest LOOP
    DELETE FROM sync_history h WHERE h.sync = v_sync AND h.record_key = v_long.record_key AND h.seq <= v_long.seq;
  END LOOP;
END $$;

-- Stores all that these items bring.
CREATE FUNCTION {schema}.sync_store(p_run jsonb, p_stored {schema}.sync_committing[], p_now timestamptz) RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = {schema}, pg_temp AS $$
DECLARE
  v_sync text := p_run->>'sync';
  v_source text := p_run->>'source';
  v_keys text[] := ARRAY(SELECT c.record_key FROM sync_each(p_stored) c);
  v_moved text[] := ARRAY(SELECT DISTINCT c.record_key FROM sync_each(p_stored) c, sync_moved_snapshots(v_sync, c.item) m);
BEGIN
  -- What has gone through by now is no issue any more, unless this very commit says it again.
  DELETE FROM sync_issues i WHERE i.id IN (
    SELECT o.id FROM sync_each(p_stored) c
      CROSS JOIN LATERAL (SELECT h.system, h.native_id FROM sync_hints_of(c.item->'links') h UNION SELECT l.system, l.native_id FROM sync_links l WHERE l.sync = v_sync AND l.record_key = c.record_key) AS n
      JOIN sync_issues o ON o.sync = v_sync AND o.system = n.system AND o.native_id = n.native_id AND o.code IN ('rejected_record', 'rejected_write')
    WHERE NOT EXISTS (SELECT 1 FROM jsonb_array_elements(c.item->'issues') d WHERE d->>'system' = o.system AND d->>'native_id' = o.native_id AND d->>'code' = o.code));
  PERFORM sync_save_links(v_sync, ARRAY(SELECT ROW(v_sync, h.system, h.native_id, c.record_key)::sync_links FROM sync_each(p_stored) c, sync_hints_of(c.item->'links') h));
  WITH given_up AS MATERIALIZED (SELECT v_sync AS sync, c.record_key, e.key AS system FROM sync_each(p_stored) c, jsonb_each(c.item->'snapshots') e WHERE e.value = 'null')
  DELETE FROM sync_snapshots s USING given_up g WHERE s.sync = g.sync AND s.record_key = g.record_key AND s.system = g.system;
  INSERT INTO sync_snapshots (sync, record_key, system, native_id, presence, record, fingerprint, mapping_fingerprint, observed_at)
    SELECT v_sync, c.record_key, m.system, l.native_id, m.snapshot->>'presence', m.snapshot->>'record', m.snapshot->>'fingerprint', m.snapshot->>'mapping_fingerprint', p_now
    FROM sync_each(p_stored) c CROSS JOIN LATERAL sync_moved_snapshots(v_sync, c.item) m
      LEFT JOIN LATERAL (SELECT o.native_id FROM sync_links o WHERE o.sync = v_sync AND o.record_key = c.record_key AND o.system = m.system LIMIT 1) l ON true WHERE m.snapshot IS NOT NULL
    ON CONFLICT (sync, record_key, system) DO UPDATE SET native_id = excluded.native_id, presence = excluded.presence, record = excluded.record, fingerprint = excluded.fingerprint,
      mapping_fingerprint = excluded.mapping_fingerprint, observed_at = excluded.observed_at;
  -- Consumed one by one: those that landed, and this run's own. A plan without writes leaves the others as superseded.
  -- CASE, so that the batch is looked up in a hash table: the planner takes intents for few, and would go through all of them for each item.
  DELETE FROM sync_intents i WHERE i.sync = v_sync AND i.record_key = ANY (v_keys) AND CASE
    WHEN (i.record_key, i.fencing_token || ':' || i.system) IN (SELECT c.record_key, u.id FROM sync_each(p_stored) c, jsonb_array_elements_text(c.item->'used_intents') AS u(id)) THEN true
    WHEN NOT i.superseded AND (i.record_key, i.fencing_token) IN (SELECT c.record_key, c.token FROM sync_each(p_stored) c)
      THEN (i.record_key, i.system) NOT IN (SELECT c.record_key, k.system FROM sync_each(p_stored) c, jsonb_array_elements_text(c.item->'keep_intents') AS k(system)) END;
  UPDATE sync_intents i SET superseded = true WHERE i.sync = v_sync AND i.record_key = ANY (ARRAY(SELECT c.record_key FROM sync_each(p_stored) c WHERE c.token IS NULL)) AND NOT i.superseded;

  -- The journal tells of the reviews that are closed: before they go.
  PERFORM sync_write_journal(p_run, p_stored, p_now);
  DELETE FROM sync_reviews v WHERE v.sync = v_sync AND v.record_key = ANY (v_keys)
    AND CASE WHEN (v.record_key, v.id) IN (SELECT c.record_key, r.id FROM sync_each(p_stored) c, jsonb_array_elements_text(c.item->'close_reviews') AS r(id)) THEN true END;
  -- One item per record and subject: other values replace the question and drop a decision made on the old ones.
  INSERT INTO sync_reviews (id, seq, sync, record_key, kind, subject, fields, reason, "values", base, status, decision, source_system, source_native_id, opened_at)
    SELECT gen_random_uuid()::text, nextval('sync_sequence'), v_sync, q.record_key, q.draft->>'kind', q.draft->>'subject', q.draft->>'fields', q.draft->>'reason', q.draft->>'values', q.draft->>'base', 'open', NULL, v_source, q.source_id, p_now
    FROM (SELECT d.* FROM (SELECT DISTINCT ON (c.place, e.draft->>'subject') c.place, c.record_key, c.item->'links'->>v_source AS source_id, e.draft, e.nth
        FROM sync_each(p_stored) c, jsonb_array_elements(c.item->'open_reviews') WITH ORDINALITY AS e(draft, nth) WHERE e.draft->>'subject' = ANY (c.opens) ORDER BY c.place, e.draft->>'subject', e.nth DESC) AS d ORDER BY d.place, d.nth) AS q
    ON CONFLICT (sync, record_key, subject) DO UPDATE SET kind = excluded.kind, fields = excluded.fields, reason = excluded.reason, "values" = excluded."values",
      base = excluded.base, status = 'open', decision = NULL, decided_at = NULL, source_system = excluded.source_system, source_native_id = excluded.source_native_id;

  WITH stored AS MATERIALIZED (SELECT v_sync AS sync, c.* FROM sync_each(p_stored) c)
  UPDATE sync_records r SET version = r.version + 1,
      -- An outcome that is unknown leaves its key as it is: the same write, tried again, must be the same to the provider.
      committed_version = r.committed_version + CASE WHEN c.token IS NULL OR c.item->'keep_intents' = '[]' OR c.item->'journal' <> '[]' OR c.record_key = ANY (v_moved) THEN 1 ELSE 0 END,
      changed_seq = nextval('sync_sequence'), committed_token = coalesce(c.token, r.committed_token), lease_run = NULL, lease_expires_at = NULL,
      tombstone_at = CASE WHEN EXISTS (SELECT 1 FROM sync_snapshots s WHERE s.sync = v_sync AND s.record_key = c.record_key)
        AND NOT EXISTS (SELECT 1 FROM sync_snapshots s WHERE s.sync = v_sync AND s.record_key = c.record_key AND s.presence <> 'gone') THEN coalesce(r.tombstone_at, p_now) END
    FROM stored c WHERE r.sync = c.sync AND r.record_key = c.record_key;
END $$;

-- A Recheck belongs to the row: it reads both linked records and whatever the notes name, not only its own source.
CREATE FUNCTION {schema}.sync_recheck(p_run jsonb, p_item jsonb, p_reason text, p_claimed_by text) RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = {schema}, pg_temp AS $$
  SELECT jsonb_build_object('kind', 'Recheck', 'record_key', p_item->>'record_key', 'reason', p_reason, 'claimed_by', p_claimed_by,
    'read', sync_read_of(p_run->>'sync', p_item->>'record_key', p_item->'links'))
$$;

-- Ends these items' runs, or sends them back. Notes are cleared only where the run ends: a Commit that sends its run back leaves all of them standing.
CREATE FUNCTION {schema}.sync_end(p_run jsonb, p_ending {schema}.sync_committing[]) RETURNS {schema}.sync_committing[] LANGUAGE plpgsql VOLATILE SET search_path = {schema}, pg_temp AS $$
DECLARE
  v_sync text := p_run->>'sync';
  v_token bigint := (p_run->>'read_token')::bigint;
  v_ended sync_committing[];
BEGIN
  PERFORM sync_note(v_sync, t.system, t.native_id, t.record_key) FROM (
    SELECT s.system, coalesce(l.native_id, c.item->'links'->>s.system) AS native_id, c.record_key FROM sync_each(p_ending) c CROSS JOIN LATERAL jsonb_array_elements_text(c.item->'note_hints') AS s(system)
      LEFT JOIN sync_links l ON l.sync = v_sync AND l.record_key = c.record_key AND l.system = s.system) AS t WHERE t.native_id IS NOT NULL;
  WITH found AS MATERIALIZED (SELECT c.*, ARRAY(SELECT n FROM sync_notes_of(v_sync, c.record_key, c.item->'links') n) AS notes FROM sync_each(p_ending) c),
  ended AS MATERIALIZED (
    SELECT ROW(f.place, f.record_key, f.item, f.kind, f.token, f.version, CASE
        WHEN f.claimed_by IS NOT NULL THEN 'link_claimed'
        WHEN f.item->>'recheck' IS NOT NULL THEN f.item->>'recheck'
        WHEN f.item->'note_hints' <> '[]' THEN 'refused'
        WHEN EXISTS (SELECT 1 FROM unnest(f.notes) n WHERE n.hint_seq > n.handled_seq AND n.hint_seq > v_token) THEN 'newer_hints' END, f.claimed_by, f.opens)::sync_committing AS item, f.notes
    FROM found f),
  -- Only notes that are not younger than the run's token: a younger one tells of something this run has not read.
  handled AS (
    UPDATE sync_notes n SET handled_seq = n.hint_seq FROM ended e CROSS JOIN LATERAL unnest(e.notes) o
    WHERE (e.item).reason IS NULL AND n.sync = o.sync AND n.system = o.system AND n.native_id = o.native_id AND n.hint_seq <= v_token AND n.hint_seq - n.handled_seq > 0)
  SELECT coalesce(array_agg(e.item), '{}') INTO v_ended FROM ended e;
  RETURN v_ended;
END $$;

CREATE FUNCTION {schema}.sync_commit_piece(p_run jsonb, p_items {schema}.sync_plan_item[], p_now timestamptz) RETURNS SETOF {schema}.sync_answer LANGUAGE plpgsql VOLATILE
SET search_path = {schema}, pg_temp SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
  v_sync text := p_run->>'sync';
  v_all sync_committing[];
  v_stored sync_committing[];
BEGIN
  v_all := ARRAY(SELECT ROW(t.place, t.record_key, f.item, t.kind, t.token, t.version + CASE t.kind WHEN 'held' THEN 1 ELSE 0 END, CASE t.kind WHEN 'stale' THEN 'stale' END, f.claimed_by,
        ARRAY(SELECT q.subject FROM sync_new_questions(v_sync, f.item) q WHERE t.kind = 'held'))::sync_committing
      FROM (SELECT e.place, e.record_key, e.item, (e.item->>'fencing_token')::bigint AS token, r.version, CASE
          WHEN r.lease_run IS NOT NULL AND r.fencing_token = (e.item->>'fencing_token')::bigint THEN 'held'
          -- This very hold has been committed already (a node run again with old items): nothing is stored twice.
          WHEN r.committed_token = (e.item->>'fencing_token')::bigint THEN 'repeated'
          ELSE 'stale' END AS kind
        FROM sync_each(p_items) e LEFT JOIN sync_records r ON r.sync = v_sync AND r.record_key = e.record_key WHERE e.item->>'fencing_token' IS NOT NULL) AS t
      CROSS JOIN LATERAL (SELECT f.item, f.claimed_by FROM sync_without_foreign(v_sync, t.item, p_now) f WHERE t.kind = 'held'
        UNION ALL SELECT CASE t.kind WHEN 'repeated' THEN t.item || '{"note_hints": []}' ELSE t.item END, NULL WHERE t.kind <> 'held') AS f)
    -- Nobody holds the record, so the plan goes through the tests of Reserve now.
    || ARRAY(SELECT ROW(t.place, t.record_key, t.item, t.kind, NULL, (t.item->>'version')::bigint + CASE t.kind WHEN 'planned' THEN 1 ELSE 0 END, t.reason, t.claimed_by,
        ARRAY(SELECT q.subject FROM sync_new_questions(v_sync, t.item) q WHERE t.kind = 'planned'))::sync_committing
      FROM (SELECT j.*, CASE WHEN j.reason IS NOT NULL THEN 'refused' WHEN sync_moves_anything(p_run, j.item) THEN 'planned' ELSE 'still' END AS kind
        FROM sync_judge(p_run, ARRAY(SELECT e FROM sync_each(p_items) e WHERE e.item->>'fencing_token' IS NULL), p_now) j) AS t);
  v_stored := ARRAY(SELECT c FROM sync_each(v_all) c WHERE c.kind IN ('held', 'planned') ORDER BY c.place);
  INSERT INTO sync_records (sync, record_key, version, committed_version, changed_seq, fencing_token, committed_token)
    SELECT v_sync, c.record_key, 0, 0, 0, 0, 0 FROM sync_each(v_stored) c WHERE c.kind = 'planned' ON CONFLICT DO NOTHING;
  IF cardinality(v_stored) > 0 THEN
    PERFORM sync_store(p_run, v_stored, p_now);
  END IF;
  PERFORM sync_open_issues(p_run, (SELECT coalesce(jsonb_agg(d.issue ORDER BY c.place, d.nth), '[]')
    FROM sync_each(v_all) c, jsonb_array_elements(c.item->'issues') WITH ORDINALITY AS d(issue, nth) WHERE c.kind IN ('held', 'planned', 'still')), p_now);
  PERFORM sync_withdraw_questions(v_sync, ARRAY(SELECT c.record_key FROM sync_each(v_all) c WHERE c.kind = 'refused' AND c.reason = 'link_claimed'));
  -- Taken over: what this run wrote is for the new holder to see, and so is a record it created.
  PERFORM sync_note(v_sync, t.system, t.native_id, t.owner) FROM (
    SELECT DISTINCT c.place, s.system, ids.native_id, r.record_key AS owner FROM sync_each(v_all) c CROSS JOIN LATERAL jsonb_array_elements_text(c.item->'written') AS s(system)
      LEFT JOIN sync_records r ON r.sync = v_sync AND r.record_key = c.record_key LEFT JOIN sync_links l ON l.sync = v_sync AND l.record_key = c.record_key AND l.system = s.system
      CROSS JOIN LATERAL (VALUES (l.native_id), (c.item->'links'->>s.system)) AS ids(native_id) WHERE c.kind = 'stale' AND ids.native_id IS NOT NULL ORDER BY 1, 2, 3) AS t;
  v_all := sync_end(p_run, ARRAY(SELECT c FROM sync_each(v_all) c WHERE c.kind IN ('held', 'planned', 'still', 'repeated') ORDER BY c.place)) || ARRAY(SELECT c FROM sync_each(v_all) c WHERE c.kind IN ('stale', 'refused'));
  RETURN QUERY SELECT c.place, CASE WHEN c.reason IS NOT NULL THEN sync_recheck(p_run, c.item, c.reason, c.claimed_by)
      ELSE jsonb_build_object('kind', 'Committed', 'record_key', c.record_key, 'version', c.version, 'opened_reviews', CASE WHEN cardinality(c.opens) = 0 THEN '[]' ELSE
        (SELECT coalesce(jsonb_agg(sync_review(v) ORDER BY v.seq), '[]') FROM sync_reviews v WHERE v.sync = v_sync AND v.record_key = c.record_key AND v.subject = ANY (c.opens)) END) END
    FROM sync_each(v_all) c;
END $$;

CREATE FUNCTION {schema}.sync_commit(p_run jsonb, p_items jsonb, p_now timestamptz) RETURNS SETOF jsonb LANGUAGE plpgsql VOLATILE SET search_path = {schema}, pg_temp AS $$
DECLARE
  v_items sync_plan_item[] := sync_plan(p_items);
  v_piece sync_plan_item[];
  v_now timestamptz;
  v_answers sync_answer[] := '{}';
BEGIN
  IF (p_run->>'dry_run')::boolean THEN
    RETURN QUERY SELECT CASE WHEN j.reason IS NOT NULL AND j.item->>'fencing_token' IS NULL THEN sync_recheck(p_run, j.item, j.reason, j.claimed_by)
        ELSE jsonb_build_object('kind', 'Committed', 'record_key', j.record_key, 'version', j.item->'version', 'opened_reviews', '[]'::jsonb) END
      FROM sync_judge(p_run, v_items, coalesce(p_now, clock_timestamp())) j ORDER BY j.place;
    RETURN;
  END IF;
  PERFORM sync_lock_plan(p_run->>'sync', v_items);
  v_now := coalesce(p_now, clock_timestamp());
  FOR v_piece IN SELECT p.items FROM sync_pieces(p_run->>'sync', v_items) p LOOP
    v_answers := v_answers || ARRAY(SELECT a FROM sync_commit_piece(p_run, v_piece, v_now) a);
  END LOOP;
  PERFORM sync_count(p_run, ARRAY(SELECT lower(a.answer->>'kind') FROM unnest(v_answers) a)
    || ARRAY(SELECT 'write' FROM sync_each(v_items) e, jsonb_array_elements(e.item->'written')) || ARRAY(SELECT 'issue' FROM sync_each(v_items) e, jsonb_array_elements(e.item->'issues'))
    || ARRAY(SELECT 'review' FROM unnest(v_answers) a, jsonb_array_elements(coalesce(a.answer->'opened_reviews', '[]'))));
  RETURN QUERY SELECT a.answer FROM unnest(v_answers) a ORDER BY a.place;
END $$;
`,
} as const;
