import type { ICredentialDataDecryptedObject, ICredentialsHelper, IHttpRequestOptions, INodeCredentialsDetails, IRequestOptionsSimplified } from 'n8n-workflow';
import type { N8nModules } from './n8n-modules';
import type { LoadedNodes } from './node-types';

/** Plain credential data by the credential's id, else by its name, else by its type. */
export type CredentialMap = ReadonlyMap<string, ICredentialDataDecryptedObject>;

/** Gives nodes the credentials of a test; nothing is encrypted, stored or refreshed. */
export function fixedCredentials({ workflow }: N8nModules, nodes: LoadedNodes, credentials: CredentialMap): ICredentialsHelper {
  const find = (details: INodeCredentialsDetails, type: string): ICredentialDataDecryptedObject => {
    const found = [details.id, details.name, type].map((key) => (key === null ? undefined : credentials.get(key))).find((data) => data !== undefined);
    if (found === undefined) throw new Error(`The test gives no credential "${details.id ?? details.name}" of type "${type}".`);
    return found;
  };
  const unsupported = (what: string): never => {
    throw new Error(`The in-process engine does not support ${what}; use "Generic Credential Type" or test it in a real n8n.`);
  };
  class FixedCredentials extends workflow.ICredentialsHelper {
    getParentTypes = (): string[] => [];
    isCredentialUsableByNode = (): boolean => true;
    /** A paginated HTTP Request asks for this, also with a generic credential. Only headers made of plain values are needed. */
    authenticate = (data: ICredentialDataDecryptedObject, type: string, options: IHttpRequestOptions | IRequestOptionsSimplified): Promise<IHttpRequestOptions> => {
      const templates = Object.entries(nodes.credentialHeaders(type));
      if (templates.length === 0) return unsupported(`authentication by the credential type "${type}"`);
      const value = (field: string): string => (typeof data[field] === 'string' ? data[field] : '');
      const fill = (template: unknown): string => (typeof template === 'string' ? template : '').replace(/^=/u, '').replaceAll(/\{\{\s*\$credentials\.(\w+)\s*\}\}/gu, (_match, field: string) => value(field));
      const headers = Object.fromEntries(templates.map(([name, template]) => [name, fill(template)]));
      return Promise.resolve({ url: '', ...options, headers: { ...options.headers, ...headers } });
    };
    preAuthentication = (): Promise<undefined> => Promise.resolve(undefined);
    runPreAuthentication = (): Promise<undefined> => Promise.resolve(undefined);
    getCredentials = (): never => unsupported('encrypted credentials');
    // eslint-disable-next-line @typescript-eslint/require-await -- a missing credential must reject, not throw
    getDecrypted = async (_additional: unknown, details: INodeCredentialsDetails, type: string): Promise<ICredentialDataDecryptedObject> => ({ ...find(details, type) });
    updateCredentials = (): Promise<void> => Promise.resolve();
    updateCredentialsOauthTokenData = (): Promise<void> => Promise.resolve();
    getCredentialsProperties = (type: string): ReturnType<LoadedNodes['credentialProperties']> => nodes.credentialProperties(type);
  }
  return new FixedCredentials();
}
