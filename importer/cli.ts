#!/usr/bin/env node
import { ZodError, prettifyError } from 'zod';
import { ImportError } from './import-error';
import { program } from './program';

async function main(): Promise<void> {
  try {
    await program({ env: process.env, say: (line) => void process.stdout.write(`${line}\n`) }).parseAsync();
  } catch (error) {
    process.exitCode = 1;
    if (error instanceof ImportError) process.stderr.write(`${error.message}\n${error.hint}\n`);
    else if (error instanceof ZodError) process.stderr.write(`n8n gave an answer of another shape than expected: ${prettifyError(error)}\nIs the address really one of an n8n?\n`);
    else throw error;
  }
}

void main();
