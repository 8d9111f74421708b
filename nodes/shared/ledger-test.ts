import type { ICredentialTestFunctions, ICredentialsDecrypted, INodeCredentialTestResult } from 'n8n-workflow';
import { testLedger } from '../../ledger/open-ledger';
import { failureOf } from './error-mapping';
import { ledgerSettings } from './ledger-connection';

/** The Test button: opens the store, makes or checks the schema, and says in words what was found or what is wrong. */
export async function testLedgerCredential(this: ICredentialTestFunctions, credential: ICredentialsDecrypted): Promise<INodeCredentialTestResult> {
  try {
    const found = await testLedger(ledgerSettings(credential.data ?? {}));
    return { status: 'OK', message: found };
  } catch (error) {
    const { reason, hint } = failureOf(error);
    return { status: 'Error', message: `${reason} ${hint}` };
  }
}
