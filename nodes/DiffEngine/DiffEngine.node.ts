import { NodeConnectionTypes, type IExecuteFunctions, type INodeExecutionData, type INodeType, type INodeTypeDescription } from 'n8n-workflow';
import { runItemLoop } from '../shared/item-loop';
import { byRun } from '../shared/run-groups';
import { readSourceItem, readTargetItem } from './diff-engine-items';
import { diffEngineProperties } from './diff-engine-properties';
import { readDiffEngineSettings } from './diff-engine-settings';
import { DIFF_OUTPUTS, placeDifferences } from './place-differences';

export class DiffEngine implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Diff Engine',
    name: 'diffEngine',
    icon: { light: 'file:diff-engine.svg', dark: 'file:diff-engine.dark.svg' },
    group: ['transform'],
    version: 1,
    subtitle: '={{ { all: "all fields", except: "all but " + $parameter["ignoreFields"], only: "only " + $parameter["onlyFields"] }[$parameter["fieldSelection"]] }}',
    description: 'Compares each system with its own past and finds the fields that changed',
    defaults: { name: 'Diff Engine' },
    inputs: [
      { type: NodeConnectionTypes.Main, displayName: 'Source' },
      { type: NodeConnectionTypes.Main, displayName: 'Target' },
    ],
    inputNames: ['Source', 'Target'],
    // A batch whose target records do not exist yet brings nothing on Target.
    requiredInputs: [0],
    outputs: DIFF_OUTPUTS.map(() => NodeConnectionTypes.Main),
    outputNames: [...DIFF_OUTPUTS],
    usableAsTool: true,
    hints: [
      {
        message: 'Unmatched records count as absent and may be created in the target: be sure that the Target input is a complete listing.',
        type: 'warning',
        location: 'ndv',
        whenToDisplay: 'always',
        displayCondition: '={{ $parameter["unmatchedTarget"] === "absent" }}',
      },
    ],
    properties: diffEngineProperties,
  };

  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    // A failed item stops at Unchanged. It is marked as failed, so that Finish leaves its note standing.
    return await runItemLoop(this, DIFF_OUTPUTS, 'Unchanged', (loop) => {
      const settings = readDiffEngineSettings(this);
      const sources = loop.read(readSourceItem);
      const targets = loop.secondInput().read(readTargetItem);
      for (const group of byRun(sources)) placeDifferences(loop, settings, group, targets);
    });
  }
}
