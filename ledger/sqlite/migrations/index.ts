/** Forward only: a migration that has been published is never edited, a change is a new number. */
import { tables } from './0001-tables';
import { retention } from './0002-retention';

export const migrations = [tables, retention] as const;
