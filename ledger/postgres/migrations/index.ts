/** Forward only: a migration that has been published is never edited, a change is a new number. */
import { tables } from './0001-tables';
import { notes } from './0002-notes';
import { records } from './0003-records';
import { start } from './0004-start';
import { check } from './0005-check';
import { reserve } from './0006-reserve';
import { commit } from './0007-commit';
import { finish } from './0008-finish';
import { decide } from './0009-decide';
import { retention } from './0010-retention';
import { drain } from './0011-drain';
import { holds } from './0012-holds';
import { erase } from './0013-erase';
import { undo } from './0014-undo';

export const migrations = [tables, notes, records, start, check, reserve, commit, finish, decide, retention, drain, holds, erase, undo] as const;
