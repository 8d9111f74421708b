/** Forward only: a migration that has been published is never edited, a change is a new number. */
import { tables } from './0001-tables';
import { retention } from './0002-retention';
import { drain } from './0003-drain';
import { intentOverrides } from './0004-intent-overrides';
import { holds } from './0005-holds';
import { writeEffects } from './0006-write-effects';

export const migrations = [tables, retention, drain, intentOverrides, holds, writeEffects] as const;
