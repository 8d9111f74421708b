import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, but belongs to another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

async function tryTake(lock: string): Promise<boolean> {
  await mkdir(dirname(lock), { recursive: true });
  try {
    await mkdir(lock);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
  await writeFile(join(lock, 'pid'), String(process.pid));
  return true;
}

async function holderIsGone(lock: string): Promise<boolean> {
  const pid = Number(await readFile(join(lock, 'pid'), 'utf8').catch(() => ''));
  if (pid > 0) return !isAlive(pid);
  // Taken a moment ago and the pid not written yet, or its process died in between.
  await sleep(2000);
  const later = Number(await readFile(join(lock, 'pid'), 'utf8').catch(() => ''));
  return later === 0 || !isAlive(later);
}

/** Runs `work` while no other process does, by means of a folder: creating one is atomic on every file system. */
export async function withFolderLock<T>(lock: string, work: () => Promise<T>): Promise<T> {
  while (!(await tryTake(lock))) {
    if (await holderIsGone(lock)) await rm(lock, { recursive: true, force: true });
    else await sleep(500);
  }
  try {
    return await work();
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
}
