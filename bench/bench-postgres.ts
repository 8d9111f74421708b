/**
 * A test server has little memory, so that many can run at once, and does not wait for its disk. One that is measured is as people run it: with what the
 * manual of PostgreSQL advises, a quarter of the machine's memory, and with every commit on disk before it is answered.
 */
import { totalmem } from 'node:os';
import { startPostgres, type PostgresServer } from '../tools/postgres';

const SHARED_BUFFERS_MB = Math.floor(totalmem() / 4 / 1024 ** 2);

export const startBenchPostgres = (): Promise<PostgresServer> => startPostgres([`shared_buffers=${String(SHARED_BUFFERS_MB)}MB`, 'fsync=on', 'synchronous_commit=on', 'full_page_writes=on']);
