/** A test server has little memory, so that many can run at once; one that is measured has what the manual of PostgreSQL advises: a quarter of the machine's. */
import { totalmem } from 'node:os';
import { startPostgres, type PostgresServer } from '../tools/postgres';

const SHARED_BUFFERS_MB = Math.floor(totalmem() / 4 / 1024 ** 2);

export const startBenchPostgres = (): Promise<PostgresServer> => startPostgres([`shared_buffers=${String(SHARED_BUFFERS_MB)}MB`]);
