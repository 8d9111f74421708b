import type { IExecuteFunctions } from 'n8n-workflow';
import { z } from 'zod';
import { compileDiffSettings, type DiffSettings } from '../../core/stages/stage-settings';
import { SyncError } from '../../core/sync-error';
import { nameList, parameter } from '../shared/parameters';

export interface DiffEngineSettings {
  readonly diff: DiffSettings;
  /** Whether what the Target input does not show counts as absent. */
  readonly complete_listing: boolean;
}

export function readDiffEngineSettings(context: IExecuteFunctions): DiffEngineSettings {
  const selection = parameter(context, 'fieldSelection', 'Fields', z.enum(['all', 'except', 'only']));
  const only = selection === 'only' ? parameter(context, 'onlyFields', 'Only These Fields', nameList) : null;
  // An empty list would mean that nothing ever changes, and that every edit is lost without a word.
  if (only?.length === 0) throw new SyncError('bad_setting', 'The parameter "Only These Fields" names no field.', 'Name at least one field, or choose "All Fields of the Mapping".');
  return {
    diff: compileDiffSettings({
      only_fields: only,
      ignore_fields: selection === 'except' ? parameter(context, 'ignoreFields', 'Ignore Fields', nameList) : [],
      detect_deletes: parameter(context, 'detectDeletes', 'Detect Deletes', z.boolean()),
    }),
    complete_listing: parameter(context, 'unmatchedTarget', 'Unmatched Target', z.enum(['read', 'absent'])) === 'absent',
  };
}
