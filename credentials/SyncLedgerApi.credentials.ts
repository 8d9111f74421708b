import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

const postgres = { store: ['postgres'] };
const byFields = { ...postgres, connectBy: ['fields'] };

export class SyncLedgerApi implements ICredentialType {
  name = 'syncLedgerApi';

  displayName = 'Sync Ledger API';

  icon: Icon = { light: 'file:sync-ledger.svg', dark: 'file:sync-ledger.dark.svg' };

  documentationUrl = 'https://www.npmjs.com/package/n8n-nodes-two-way-sync';

  properties: INodeProperties[] = [
    {
      displayName: 'Store',
      name: 'store',
      type: 'options',
      default: 'sqlite',
      options: [
        { name: 'SQLite File', value: 'sqlite', description: 'Nothing to install. For one n8n process.' },
        { name: 'PostgreSQL', value: 'postgres', description: 'For production and for several workers' },
      ],
      description: 'Where the ledger lives. Losing it means comparing both systems anew.',
    },
    {
      displayName: 'File',
      name: 'file',
      type: 'string',
      default: '',
      placeholder: 'e.g. /home/node/.n8n/two-way-sync/ledger.sqlite',
      description: 'Path of the SQLite file on the n8n host. Empty: two-way-sync/ledger.sqlite in n8n\'s user folder.',
      displayOptions: { show: { store: ['sqlite'] } },
    },
    {
      displayName: 'Connect By',
      name: 'connectBy',
      type: 'options',
      default: 'fields',
      options: [
        { name: 'Host and Database', value: 'fields' },
        { name: 'Connection String', value: 'connectionString' },
      ],
      displayOptions: { show: postgres },
    },
    // eslint-disable-next-line @n8n/community-nodes/credential-unnecessary-password -- the password stands in it
    {
      displayName: 'Connection String',
      name: 'connectionString',
      type: 'string',
      typeOptions: { password: true },
      default: '',
      placeholder: 'postgres://user:password@host:5432/database',
      displayOptions: { show: { ...postgres, connectBy: ['connectionString'] } },
    },
    {
      displayName: 'Host',
      name: 'host',
      type: 'string',
      default: 'localhost',
      displayOptions: { show: byFields },
    },
    {
      displayName: 'Port',
      name: 'port',
      type: 'number',
      default: 5432,
      displayOptions: { show: byFields },
    },
    {
      displayName: 'Database',
      name: 'database',
      type: 'string',
      default: '',
      displayOptions: { show: byFields },
    },
    {
      displayName: 'User',
      name: 'user',
      type: 'string',
      default: '',
      displayOptions: { show: byFields },
    },
    {
      displayName: 'Password',
      name: 'password',
      type: 'string',
      typeOptions: { password: true },
      default: '',
      displayOptions: { show: byFields },
    },
    {
      displayName: 'SSL',
      name: 'sslMode',
      type: 'options',
      default: 'disable',
      options: [
        { name: 'Disable', value: 'disable' },
        { name: 'Require', value: 'require', description: 'Encrypted, but the server may be anyone' },
        { name: 'Verify Certificate', value: 'verify', description: 'Encrypted, and the server must prove who it is' },
      ],
      displayOptions: { show: postgres },
    },
    {
      displayName: 'CA Certificate',
      name: 'ca',
      type: 'string',
      typeOptions: { rows: 4 },
      default: '',
      placeholder: '-----BEGIN CERTIFICATE-----',
      description: 'In PEM form, when the server\'s certificate is not signed by a well-known authority',
      displayOptions: { show: { ...postgres, sslMode: ['verify'] } },
    },
    {
      displayName: 'Schema',
      name: 'schema',
      type: 'string',
      default: 'public',
      description: 'Schema of the ledger\'s tables. It is made when it does not exist.',
      displayOptions: { show: postgres },
    },
    // eslint-disable-next-line @n8n/community-nodes/credential-unnecessary-password -- the password stands in it
    {
      displayName: 'Redis URL',
      name: 'redisUrl',
      type: 'string',
      typeOptions: { password: true },
      default: '',
      placeholder: 'redis://localhost:6379',
      description: 'Optional. Holds only short-lived locks; without it, or when it is down, the ledger does the work itself.',
    },
    // eslint-disable-next-line @n8n/community-nodes/credential-unnecessary-password -- whoever has it can try out values
    {
      displayName: 'Seal Key',
      name: 'sealKey',
      type: 'string',
      typeOptions: { password: true },
      default: '',
      description: 'Only for sealed fields: a long random text (16 characters or more). The ledger keeps hashes made with it, and never the key. Losing it loses nothing but the comparison.',
    },
  ];
}
