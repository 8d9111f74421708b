import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { nameProblem, systemNameProblem } from '../../core/names';
import { SyncError } from '../../core/sync-error';
import type { SyncScope } from '../../ledger/ledger-store';

/** Which sync this is about. After Start the items say it themselves, so only operations without a run ask for it. */
export function syncScopeProperties(choices: readonly string[], parameter = 'operation'): INodeProperties[] {
  const displayOptions = { show: { [parameter]: [...choices] } };
  return [
    {
      displayName: 'Sync Name',
      name: 'syncName',
      type: 'string',
      default: '',
      required: true,
      placeholder: 'e.g. contacts',
      description: 'Name of this sync. Both directions use the same one.',
      displayOptions,
    },
    {
      displayName: 'Source System',
      name: 'sourceSystem',
      type: 'string',
      default: '',
      required: true,
      placeholder: 'e.g. crm',
      description: 'Short name of the system whose event started this run',
      displayOptions,
    },
    {
      displayName: 'Target System',
      name: 'targetSystem',
      type: 'string',
      default: '',
      required: true,
      placeholder: 'e.g. support',
      description: 'Short name of the other system',
      displayOptions,
    },
    {
      displayName: 'Record Type',
      name: 'recordType',
      type: 'string',
      default: '',
      required: true,
      placeholder: 'e.g. contact',
      description: 'What is synced: the first part of every record key',
      displayOptions,
    },
  ] satisfies INodeProperties[];
}

/** A required parameter as text, without the spaces a person may have pasted along. */
export function requiredText(context: IExecuteFunctions, name: string, label: string, item = 0): string {
  return filledIn(context.getNodeParameter(name, item, ''), label);
}

export function filledIn(value: unknown, label: string): string {
  const text = typeof value === 'string' ? value.trim() : typeof value === 'number' ? String(value) : '';
  if (text === '') throw new SyncError('bad_setting', `The parameter "${label}" is empty.`, `Fill in "${label}".`);
  return text;
}

export function readSyncScope(context: IExecuteFunctions): SyncScope {
  return syncScopeOf((name, label) => requiredText(context, name, label));
}

/** @param text a required parameter, by its name and its label */
export function syncScopeOf(text: (name: string, label: string) => string): SyncScope {
  const source = text('sourceSystem', 'Source System');
  const target = text('targetSystem', 'Target System');
  if (source === target) throw new SyncError('bad_setting', `"Source System" and "Target System" are both "${source}".`, 'Give the two systems different names.');
  const scope = { sync: text('syncName', 'Sync Name'), record_type: text('recordType', 'Record Type'), source, target };
  const problems = [['Sync Name', nameProblem(scope.sync)], ['Record Type', nameProblem(scope.record_type)], ['Source System', systemNameProblem(source)], ['Target System', systemNameProblem(target)]] as const;
  for (const [label, problem] of problems) if (problem !== null) throw new SyncError('bad_setting', `The parameter "${label}" ${problem}.`, `Choose another name for "${label}".`);
  return scope;
}
