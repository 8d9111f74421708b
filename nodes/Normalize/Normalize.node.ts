import { NodeConnectionTypes, type IExecuteFunctions, type INodeExecutionData, type INodeType, type INodeTypeDescription } from 'n8n-workflow';
import { z } from 'zod';
import { runItemLoop } from '../shared/item-loop';
import { testLedgerCredential } from '../shared/ledger-test';
import { outputsByOperation } from '../shared/named-outputs';
import { parameter } from '../shared/parameters';
import { DENORMALIZE_OUTPUTS, denormalizeItems } from './denormalize-items';
import { NORMALIZE_OUTPUTS, normalizeItems } from './normalize-items';
import { normalizeProperties } from './properties';

export class Normalize implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Normalize',
    name: 'normalize',
    icon: { light: 'file:normalize.svg', dark: 'file:normalize.dark.svg' },
    group: ['transform'],
    version: 1,
    subtitle: '={{ $parameter["operation"] + ": " + ($parameter["system"] || "mapping as JSON") }}',
    description: 'Turns a system\'s own records into canonical ones, and planned patches back into its own form',
    defaults: { name: 'Normalize' },
    inputs: [NodeConnectionTypes.Main],
    outputs: outputsByOperation({ normalize: NORMALIZE_OUTPUTS, denormalize: DENORMALIZE_OUTPUTS }),
    // Only for the seal key, when a field is sealed.
    credentials: [{ name: 'syncLedgerApi', required: false, testedBy: 'testLedgerCredential' }],
    usableAsTool: true,
    hints: [
      {
        message: 'Without a match field, a record that is not linked yet cannot be found in the other system and may be created twice.',
        type: 'warning',
        location: 'ndv',
        whenToDisplay: 'always',
        displayCondition: '={{ $parameter["operation"] === "normalize" && $parameter["defineBy"] === "form" && $parameter["matchField"] === "" }}',
      },
      {
        message: 'Without a version, an edit that a user makes between our read and our write can be overwritten.',
        type: 'info',
        location: 'ndv',
        whenToDisplay: 'always',
        displayCondition: '={{ $parameter["defineBy"] === "form" && $parameter["versionFrom"] === "none" }}',
      },
    ],
    properties: normalizeProperties,
  };

  methods = { credentialTest: { testLedgerCredential } };

  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    const operation = parameter(this, 'operation', 'Operation', z.enum(['normalize', 'denormalize']));
    return operation === 'normalize'
      ? await runItemLoop(this, NORMALIZE_OUTPUTS, 'Rejected', (loop) => normalizeItems(loop, this))
      : await runItemLoop(this, DENORMALIZE_OUTPUTS, 'Rejected', (loop) => denormalizeItems(loop, this));
  }
}
