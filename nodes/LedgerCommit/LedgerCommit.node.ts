import { NodeConnectionTypes, type IExecuteFunctions, type INodeExecutionData, type INodeType, type INodeTypeDescription } from 'n8n-workflow';
import { executeOperation, outputTable } from '../shared/ledger-operation';
import { testLedgerCredential } from '../shared/ledger-test';
import { outputsByOperation } from '../shared/named-outputs';
import { ledgerCommitProperties } from './ledger-commit-properties';
import { operations } from './operations';

export class LedgerCommit implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Sync Ledger Commit',
    name: 'ledgerCommit',
    icon: { light: 'file:ledger-commit.svg', dark: 'file:ledger-commit.dark.svg' },
    group: ['transform'],
    version: 1,
    subtitle: '={{ $parameter["operation"] + ": " + $parameter["resource"] }}',
    description: 'Makes writes durable before they are made, and remembers what came of them',
    defaults: { name: 'Sync Ledger Commit' },
    inputs: [NodeConnectionTypes.Main],
    outputs: outputsByOperation(outputTable(operations)),
    credentials: [{ name: 'syncLedgerApi', required: true, testedBy: 'testLedgerCredential' }],
    usableAsTool: true,
    hints: [
      {
        message: 'A lease this short may expire while the writers are still at work; another run then takes the record over.',
        type: 'warning',
        location: 'ndv',
        whenToDisplay: 'always',
        displayCondition: '={{ $parameter["operation"] === "reserve" && $parameter["leaseSeconds"] < 30 }}',
      },
    ],
    properties: ledgerCommitProperties,
  };

  methods = { credentialTest: { testLedgerCredential } };

  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    return await executeOperation(this, operations);
  }
}
