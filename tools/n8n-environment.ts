import { delimiter, dirname } from 'node:path';

export interface N8nFolder {
  /** n8n keeps everything of one instance in `<userFolder>/.n8n`: database, key, community nodes. */
  readonly userFolder: string;
  /** Overrides and additions, such as `EXECUTIONS_MODE` or `DB_TYPE`. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Fixed, so that a folder can be used by the server, the CLI and later a worker without passing a key around. */
const ENCRYPTION_KEY = 'only-for-tests-and-demo';

/** The environment of every n8n process: quiet, offline, local, and the same for server and command line. */
export function n8nEnvironment({ userFolder, env }: N8nFolder): NodeJS.ProcessEnv {
  // An n8n must not inherit the settings of the n8n, npm or vitest that may have started this process.
  const inherited = Object.entries(process.env).filter(([name]) => !/^(N8N_|DB_|QUEUE_|EXECUTIONS_|npm_|VITEST|NODE_ENV$|NODE_OPTIONS$)/i.test(name));
  return {
    ...Object.fromEntries(inherited),
    // n8n starts its task runners as `node`, which must be the Node that runs n8n.
    PATH: [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter),
    N8N_USER_FOLDER: userFolder,
    N8N_ENCRYPTION_KEY: ENCRYPTION_KEY,
    N8N_LISTEN_ADDRESS: '127.0.0.1',
    N8N_HOST: '127.0.0.1',
    N8N_SECURE_COOKIE: 'false',
    N8N_DIAGNOSTICS_ENABLED: 'false',
    N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
    N8N_VERSION_NOTIFICATIONS_WHATS_NEW_ENABLED: 'false',
    N8N_DYNAMIC_BANNERS_ENABLED: 'false',
    N8N_HIRING_BANNER_ENABLED: 'false',
    N8N_TEMPLATES_ENABLED: 'false',
    N8N_PERSONALIZATION_ENABLED: 'false',
    N8N_ENFORCE_SETTINGS_FILE_PERMISSIONS: 'false',
    N8N_UNVERIFIED_PACKAGES_ENABLED: 'true',
    // With the service (n8n's default), publishing answers before the webhook exists, up to 15 s later, and a start is
    // "ready" before its webhooks are. Without it both wait, so no test has to guess.
    N8N_USE_WORKFLOW_PUBLICATION_SERVICE: 'false',
    N8N_LOG_LEVEL: 'info',
    GENERIC_TIMEZONE: 'UTC',
    TZ: 'UTC',
    ...env,
  };
}
