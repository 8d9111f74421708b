import { execFileSync } from 'node:child_process';

export interface SystemUser {
  readonly uid: number;
  readonly gid: number;
}

const CANDIDATES = ['postgres', 'nobody'] as const;

function lookUp(name: string): SystemUser | undefined {
  try {
    const id = (flag: string): number => Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    // `id` knows no such user; the caller tries the next name.
    return undefined;
  }
}

/** PostgreSQL refuses to run as root (a container, a CI machine); then it runs as one of the users every Linux has. */
export function postgresUser(): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of CANDIDATES) {
    const user = lookUp(name);
    if (user !== undefined) return user;
  }
  throw new Error(`PostgreSQL does not run as root, and none of the users ${CANDIDATES.join(', ')} exists: create one or start the tests as another user.`);
}
