import { NodeConnectionTypes, type IExecuteFunctions, type INodeExecutionData, type INodeType, type INodeTypeDescription } from 'n8n-workflow';
import { executeOperation, outputTable } from '../shared/ledger-operation';
import { testLedgerCredential } from '../shared/ledger-test';
import { outputsByOperation } from '../shared/named-outputs';
import { ledgerCheckProperties } from './ledger-check-properties';
import { operations } from './operations';

export class LedgerCheck implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Sync Ledger Check',
    name: 'ledgerCheck',
    icon: { light: 'file:ledger-check.svg', dark: 'file:ledger-check.dark.svg' },
    group: ['transform'],
    version: 1,
    subtitle: '={{ $parameter["operation"] + ": " + ($parameter["syncName"] || $parameter["resource"]) }}',
    description: 'Begins a run and compares what was read with what the ledger remembers',
    defaults: { name: 'Sync Ledger Check' },
    inputs: [NodeConnectionTypes.Main],
    outputs: outputsByOperation(outputTable(operations)),
    credentials: [{ name: 'syncLedgerApi', required: true, testedBy: 'testLedgerCredential' }],
    usableAsTool: true,
    hints: [
      {
        message: 'Dry run: nothing is noted, reserved or written. Hints of this run are not kept for a later one.',
        type: 'info',
        location: 'ndv',
        whenToDisplay: 'always',
        displayCondition: '={{ $parameter["operation"] === "start" && $parameter["dryRun"] === true }}',
      },
      {
        message: 'Feed a complete listing into this node. What it does not show is only read again, never taken for deleted.',
        type: 'info',
        location: 'ndv',
        whenToDisplay: 'always',
        displayCondition: '={{ $parameter["operation"] === "listMissing" }}',
      },
    ],
    properties: ledgerCheckProperties,
  };

  methods = { credentialTest: { testLedgerCredential } };

  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    return await executeOperation(this, operations);
  }
}
