import { SyncError } from '../../core/sync-error';
import type { PostgresSettings } from '../open-ledger';

type SslMode = NonNullable<PostgresSettings['ssl']>['mode'];

const MODES: ReadonlyMap<string, SslMode> = new Map([
  ['disable', 'disable'], ['allow', 'require'], ['prefer', 'require'], ['require', 'require'], ['no-verify', 'require'], ['verify-ca', 'verify'], ['verify-full', 'verify'],
]);
/** `pg` opens the files that these name, and takes `ssl` for a certificate check of its own. */
const REFUSED = ['ssl', 'sslcert', 'sslkey', 'sslrootcert', 'sslnegotiation', 'uselibpqcompat'];

/**
 * The string without its `sslmode`. For `pg` the string goes before everything else: `sslmode=disable` in it would switch off the
 * certificate check that the credential shows, and nobody would see it. So the two must say the same.
 * @throws SyncError `bad_setting`, which never quotes the string
 */
export function withoutSslMode(connectionString: string, mode: SslMode): string {
  const [address = '', ...query] = connectionString.split('?');
  const options = new URLSearchParams(query.join('?'));
  const refused = REFUSED.find((name) => options.has(name));
  if (refused !== undefined) throw new SyncError('bad_setting', `The connection string of the ledger sets "${refused}".`, 'Take it out of the string, and set "SSL" (and "CA Certificate") of the Sync Ledger credential.');
  for (const said of options.getAll('sslmode')) {
    if (MODES.get(said) !== mode) throw new SyncError('bad_setting', 'The connection string of the ledger and the setting "SSL" say different things about encryption.', 'Take "sslmode" out of the connection string, and set "SSL" of the Sync Ledger credential.');
  }
  if (!options.has('sslmode')) return connectionString;
  options.delete('sslmode');
  return options.size === 0 ? address : `${address}?${options.toString()}`;
}
