import { spawn } from 'node:child_process';

export interface CommandOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Called about every 15 s with the seconds passed, so that a person knows that a slow command is alive. */
  readonly onProgress?: (seconds: number) => void;
  readonly uid?: number;
  readonly gid?: number;
}

/** Runs a command to its end and returns what it printed; throws with the tail of the output when it fails. */
export async function runCommand(command: string, args: readonly string[], options: CommandOptions): Promise<string> {
  const started = Date.now();
  const { onProgress } = options;
  const timer = onProgress && setInterval(() => onProgress(Math.round((Date.now() - started) / 1000)), 15_000);
  const identity = { ...(options.uid === undefined ? {} : { uid: options.uid }), ...(options.gid === undefined ? {} : { gid: options.gid }) };
  try {
    return await new Promise<string>((resolve, reject) => {
      const child = spawn(command, args, { cwd: options.cwd, env: options.env ?? process.env, stdio: ['ignore', 'pipe', 'pipe'], ...identity });
      let output = '';
      const collect = (chunk: Buffer): void => void (output += chunk.toString('utf8'));
      child.stdout.on('data', collect);
      child.stderr.on('data', collect);
      child.on('error', (error) => reject(new Error(`${command} could not be started: ${error.message}`, { cause: error })));
      child.on('close', (code, signal) => {
        if (code === 0) resolve(output);
        else reject(new Error(`${command} ${args.join(' ')} ended with ${signal ?? `code ${code ?? 'unknown'}`}:\n${output.slice(-3000)}`));
      });
    });
  } finally {
    clearInterval(timer);
  }
}
