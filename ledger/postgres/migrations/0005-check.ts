/** A row as Check hands it to a run. Check itself stands in `0014-check-by-key.ts`. */
export const check = {
  number: 5,
  name: 'check',
  sql: `
CREATE FUNCTION {schema}.sync_ledger_row(p_run jsonb, p_row {schema}.sync_records, p_recent_seconds double precision, p_now timestamptz) RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = {schema}, pg_temp AS $$
  SELECT jsonb_build_object(
    'record_key', p_row.record_key, 'version', p_row.version, 'committed_version', p_row.committed_version,
    'links', sync_links_of(p_row.sync, p_row.record_key),
    'snapshots', (SELECT coalesce(jsonb_object_agg(s.system, jsonb_build_object('presence', s.presence, 'record', s.record, 'fingerprint', s.fingerprint, 'mapping_fingerprint', s.mapping_fingerprint)), '{}')
      FROM sync_snapshots s WHERE s.sync = p_row.sync AND s.record_key = p_row.record_key),
    'intents', (SELECT coalesce(jsonb_agg(jsonb_build_object('fencing_token', i.fencing_token, 'system', i.system, 'op', i.op, 'to', i.to_record, 'from', i.from_record,
        'echo_fingerprint', i.echo_fingerprint, 'idempotency_key', i.idempotency_key, 'native_id', i.native_id, 'match_key', i.match_key, 'overrides', i.overrides, 'used', i.used,
        'superseded', i.superseded, 'may_land', i.may_land_until > p_now) ORDER BY i.fencing_token DESC, i.system), '[]')
      FROM sync_intents i WHERE i.sync = p_row.sync AND i.record_key = p_row.record_key),
    'reviews', (SELECT coalesce(jsonb_agg(sync_review(v) ORDER BY v.seq), '[]') FROM sync_reviews v WHERE v.sync = p_row.sync AND v.record_key = p_row.record_key),
    'latest', (SELECT jsonb_build_object('direction', j.direction, 'field_hash', j.field_hash) FROM sync_ledger j WHERE j.record_key = p_row.record_key
      AND j.direction IN ((p_run->>'source') || '-to-' || (p_run->>'target'), (p_run->>'target') || '-to-' || (p_run->>'source')) ORDER BY j.seq DESC LIMIT 1),
    'recent', (SELECT coalesce(jsonb_agg(jsonb_build_object('direction', h.direction, 'field_hash', h.field_hash, 'fields', h.fields, 'at', sync_iso(h.at)) ORDER BY h.seq DESC), '[]')
      FROM (SELECT * FROM sync_history WHERE p_recent_seconds > 0 AND sync = p_row.sync AND record_key = p_row.record_key AND at > p_now - make_interval(secs => p_recent_seconds) AND field_hash <> ''
        ORDER BY seq DESC LIMIT 12) AS h))
$$;
`,
} as const;
