/** What others do with a table of hashes: the least that could be done for a batch, and the recipe of one query per item. */
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { Observation } from '../core/model';

const CREATE = `CREATE TABLE recipe (key text PRIMARY KEY, hash text NOT NULL, record jsonb NOT NULL)`;

export interface Recipes {
  /** One SELECT with `unnest` for the whole batch, then one upsert of what changed, brought in by COPY. */
  limit(observations: readonly Observation[]): Promise<number>;
  /** A SELECT per item, then an upsert per changed item. */
  perItem(observations: readonly Observation[]): Promise<number>;
  close(): Promise<void>;
}

/** A table that knows what `seedPostgres` filled the snapshots with, so that the same share of a batch is new to it. */
export async function openRecipes(connectionString: string): Promise<Recipes> {
  const client = new Client({ connectionString });
  await client.connect();
  return {
    limit: async (observations) => {
      const { rows } = await client.query<{ key: string; hash: string }>('SELECT r.key, r.hash FROM unnest($1::text[]) AS k JOIN recipe r ON r.key = k', [observations.map(({ record_key }) => record_key)]);
      const known = new Map(rows.map(({ key, hash }) => [key, hash]));
      const changed = observations.filter(({ record_key, fingerprint }) => known.get(record_key ?? '') !== fingerprint);
      await client.query('CREATE TEMPORARY TABLE IF NOT EXISTS incoming (LIKE recipe); TRUNCATE incoming');
      await pipeline(Readable.from(changed.map((observation) => copyLine(observation))), client.query(copyFrom('COPY incoming FROM STDIN')));
      await client.query('INSERT INTO recipe SELECT * FROM incoming ON CONFLICT (key) DO UPDATE SET hash = excluded.hash, record = excluded.record');
      return changed.length;
    },
    perItem: async (observations) => {
      let changed = 0;
      for (const { record_key, fingerprint, record } of observations) {
        const { rows } = await client.query<{ hash: string }>('SELECT hash FROM recipe WHERE key = $1', [record_key]);
        if (rows[0]?.hash === fingerprint) continue;
        await client.query('INSERT INTO recipe VALUES ($1, $2, $3) ON CONFLICT (key) DO UPDATE SET hash = excluded.hash, record = excluded.record', [record_key, fingerprint, JSON.stringify(record)]);
        changed += 1;
      }
      return changed;
    },
    close: () => client.end(),
  };
}

/** COPY's text form: tabs between columns, backslashes escaped. */
const copyLine = ({ record_key, fingerprint, record }: Observation): string =>
  `${[record_key ?? '', fingerprint ?? '', JSON.stringify(record)].map((text) => text.replaceAll('\\', '\\\\').replaceAll('\t', '\\t').replaceAll('\n', '\\n').replaceAll('\r', '\\r')).join('\t')}\n`;

export async function seedRecipes(connectionString: string): Promise<void> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    await client.query(CREATE);
    await client.query(`INSERT INTO recipe SELECT record_key, fingerprint, record::jsonb FROM sync_snapshots WHERE system = 'crm'`);
    await client.query('ANALYZE recipe');
  } finally {
    await client.end();
  }
}
