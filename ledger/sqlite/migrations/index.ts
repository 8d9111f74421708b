/** Forward only: a migration that has been published is never edited, a change is a new number. */
import { tables } from './0001-tables';

export const migrations = [tables] as const;
