import { NodeConnectionTypes, type IExecuteFunctions, type INodeExecutionData, type INodeType, type INodeTypeDescription } from 'n8n-workflow';
import { decideEcho } from '../../core/stages/echo-guard';
import { carried, rowOf, runOf, sourceOf } from '../shared/envelope';
import { runItemLoop } from '../shared/item-loop';
import { echoGuardProperties } from './echo-guard-properties';
import { readEchoGuardSettings } from './echo-guard-settings';

const OUTPUTS = ['Genuine', 'Echo', 'Held'] as const;

export class EchoGuard implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Echo Guard',
    name: 'echoGuard',
    icon: { light: 'file:echo-guard.svg', dark: 'file:echo-guard.dark.svg' },
    group: ['transform'],
    version: 1,
    subtitle: '={{ [$parameter["originStamp"] && "stamp", $parameter["writeHash"] && "hash", $parameter["suppressionWindow"] && "window"].filter(Boolean).join(", ") || "off" }}',
    description: 'Stops events that only bring back what this sync wrote itself',
    defaults: { name: 'Echo Guard' },
    inputs: [NodeConnectionTypes.Main],
    outputs: [NodeConnectionTypes.Main, NodeConnectionTypes.Main, NodeConnectionTypes.Main],
    outputNames: [...OUTPUTS],
    usableAsTool: true,
    hints: [
      {
        message: 'Held items keep alternating fields back for a person; connect Held to the target reader too, so that their other fields go on.',
        type: 'info',
        location: 'ndv',
        whenToDisplay: 'always',
        displayCondition: '={{ $parameter["suppressionWindow"] === true }}',
      },
    ],
    properties: echoGuardProperties,
  };

  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    // Held is the output of doubt: a failed item there is marked as failed, and Diff Engine works on no such item. On Echo it
    // would be counted as synced, on Genuine it would be on its way to a write.
    return await runItemLoop(this, OUTPUTS, 'Held', (loop) => {
      const settings = readEchoGuardSettings(this);
      const items = loop.read((json) => ({ run: runOf(json), observation: sourceOf(json), row: rowOf(json), full: json['full'] === true }));
      for (const { index, value: { run, ...item } } of items) {
        loop.attempt(index, () => {
          const verdict = decideEcho(settings, run, item);
          const held = verdict.kind === 'Held' ? { held_fields: verdict.held_fields } : {};
          loop.place(verdict.kind, index, { ...carried(loop.json(index)), verdict, ...held });
        });
      }
    });
  }
}
