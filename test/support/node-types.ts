import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DirectoryLoader } from 'n8n-core';
import type { ICredentialType, INodeProperties, INodeTypes } from 'n8n-workflow';
import { CHECKOUT } from '../../tools/checkout';
import { n8nModules } from './n8n-modules';

export interface LoadedNodes {
  readonly types: INodeTypes;
  credentialProperties(type: string): INodeProperties[];
  /** Headers that the credential type sets on a request, as templates over `$credentials`. */
  credentialHeaders(type: string): Readonly<Record<string, unknown>>;
}

async function load(): Promise<LoadedNodes> {
  const { core, workflow, nodesBase } = await n8nModules();
  const loaders = new Map<string, DirectoryLoader>();
  const base = new core.LazyPackageDirectoryLoader(nodesBase);
  await base.loadAll();
  loaders.set('n8n-nodes-base', base);
  // The engine's own smoke test runs before there is anything of ours to load.
  if (existsSync(join(CHECKOUT, 'dist', 'nodes'))) {
    const ours = new core.PackageDirectoryLoader(CHECKOUT);
    await ours.loadAll();
    loaders.set(ours.packageName, ours);
  }

  const find = (fullType: string): ReturnType<DirectoryLoader['getNode']> => {
    const [packageName = '', type = ''] = fullType.split('.');
    const loader = loaders.get(packageName);
    if (loader === undefined) throw new Error(`No package for the node type "${fullType}"; loaded: ${[...loaders.keys()].join(', ')}. Is dist built?`);
    return loader.getNode(type);
  };
  const credential = (type: string): ICredentialType | undefined => [...loaders.values()].find((loader) => type in loader.known.credentials)?.getCredential(type).type;
  return {
    types: {
      getByName: (type) => find(type).type,
      getByNameAndVersion: (type, version) => workflow.NodeHelpers.getVersionedNodeType(find(type).type, version),
      getKnownTypes: () => ({}),
    },
    credentialProperties: (type) => credential(type)?.properties ?? [],
    credentialHeaders: (type) => {
      const authenticate = credential(type)?.authenticate;
      return typeof authenticate === 'object' ? authenticate.properties.headers ?? {} : {};
    },
  };
}

let loaded: Promise<LoadedNodes> | undefined;

/** The node types of n8n-nodes-base and of this package's dist/, read as n8n reads them. Build first. */
export const loadNodes = (): Promise<LoadedNodes> => (loaded ??= load());
