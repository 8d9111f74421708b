import type { IExecuteFunctions } from 'n8n-workflow';
import { compileEchoGuardSettings, type EchoGuardSettings } from '../../core/stages/stage-settings';

/** What belongs to a proof that is switched off is hidden on the form and read with its default. */
export function readEchoGuardSettings(context: IExecuteFunctions): EchoGuardSettings {
  const read = (name: string, fallback: unknown): unknown => context.getNodeParameter(name, 0, fallback);
  return compileEchoGuardSettings({
    origin_stamp: { on: read('originStamp', true), sentinel: read('sentinel', 'n8n-sync') },
    write_hash: { on: read('writeHash', true) },
    suppression_window: { on: read('suppressionWindow', true), seconds: read('windowSeconds', 60), alternations: read('alternations', 3) },
  });
}
