/** n8n's own nodes as these workflows use them: one place for versions and for the shape of their parameters. */
import type { Json, JsonObject } from './canvas';

type NodeVersion = readonly [type: string, version: number];
const base = (name: string, version: number): NodeVersion => [`n8n-nodes-base.${name}`, version];

/** From 1.1 on it serves only n8n's own triggers. */
export const RESPOND = base('respondToWebhook', 1);
export const SPLIT_OUT = base('splitOut', 1);
export const CALL = base('executeWorkflow', 1.2);
export const CALLED = base('executeWorkflowTrigger', 1.1);
export const MANUAL = base('manualTrigger', 1);
export const SCHEDULE = base('scheduleTrigger', 1.2);
export const ON_ERROR = base('errorTrigger', 1);
export const IF = base('if', 2.2);
export const SWITCH = base('switch', 3.2);
export const FILTER = base('filter', 2.2);
export const MERGE = base('merge', 3.2);
export const WAIT = base('wait', 1.1);
export const HTTP = base('httpRequest', 4.2);
export const SET = base('set', 3.4);
export const AGGREGATE = base('aggregate', 1);
export const SLACK = base('slack', 2.3);
export const STOP = base('stopAndError', 1);
export const NOTHING = base('noOp', 1);

/** One condition: a yes-or-no expression. */
function condition(expression: string): JsonObject {
  return {
    options: { caseSensitive: true, leftValue: '', typeValidation: 'strict', version: 2 },
    conditions: [{ id: 'holds', leftValue: `={{ ${expression} }}`, rightValue: '', operator: { type: 'boolean', operation: 'true', singleValue: true } }],
    combinator: 'and',
  };
}

/** For IF and Filter. */
export const when = (expression: string): JsonObject => ({ conditions: condition(expression), options: {} });

/** One named output per case, in order, and a last one for everything else. */
export function switchOn(cases: readonly (readonly [output: string, expression: string])[], otherwise: string): JsonObject {
  return {
    rules: { values: cases.map(([outputKey, expression]) => ({ conditions: condition(expression), renameOutput: true, outputKey })) },
    options: { fallbackOutput: 'extra', renameFallbackOutput: otherwise },
  };
}

export type InputType = 'string' | 'number' | 'boolean' | 'array' | 'object' | 'any';
/** What a sub-workflow takes, field by field: its contract, shown on the canvas. */
export type Contract = { readonly [input: string]: InputType };

export function declares(contract: Contract): JsonObject {
  return {
    inputSource: 'workflowInputs',
    workflowInputs: { values: Object.entries(contract).map(([name, type]) => (type === 'string' ? { name } : { name, type })) },
    // A record that had to be asked for twice comes in a later run of the last node.
    returnOutput: 'allRuns',
  };
}

/**
 * A call hands the item's fields on under their names, and the called workflow takes those that it declares. So only what `values` says
 * otherwise is mapped: n8n evaluates an expression per field and item, which for a large batch took longer than all nodes of this package.
 */
export function calls(workflow: string | { readonly expression: string }, contract: Contract, values: JsonObject = {}, options: JsonObject = {}): JsonObject {
  const target: Json = typeof workflow === 'string' ? workflow : `={{ ${workflow.expression} }}`;
  const names = Object.keys(contract);
  return {
    workflowId: { __rl: true, mode: 'id', value: target },
    workflowInputs: {
      mappingMode: 'defineBelow',
      value: values,
      matchingColumns: [],
      schema: names.map((name) => {
        const type = contract[name] ?? 'any';
        return { id: name, displayName: name, required: false, defaultMatch: false, display: true, canBeUsedToMatch: true, ...(type === 'any' ? {} : { type }) };
      }),
      attemptToConvertTypes: false,
      convertFieldsToString: false,
    },
    options,
  };
}

/** How a webhook answers. */
export const respond = (responseCode: number, text: string): JsonObject => ({ respondWith: 'text', responseBody: text, options: { responseCode } });

/** Puts the answer of a request beside the item that asked: item by item. */
export const sideBySide: JsonObject = {
  mode: 'combine',
  combineBy: 'combineByPosition',
  // Not merged into each other: an answer's fields and an item's are different things.
  options: { clashHandling: { values: { resolveClash: 'preferLast', mergeMode: 'shallowMerge' } } },
};

export const oneAfterTheOther = (inputs: number): JsonObject => ({ mode: 'append', numberInputs: inputs });

/** An HTTP request whose answer, whatever its status, is data for Normalize to judge. */
export function request(method: string, url: string, auth: 'httpHeaderAuth' | 'httpBearerAuth', more: JsonObject = {}, options: JsonObject = {}): JsonObject {
  return {
    method,
    url,
    authentication: 'genericCredentialType',
    genericAuthType: auth,
    ...more,
    options: {
      // A redirect to another host must not take the credential along.
      redirect: { redirect: { followRedirects: false } },
      response: { response: { fullResponse: true, neverError: true, responseFormat: 'json' } },
      timeout: 30_000,
      ...options,
    },
  };
}
