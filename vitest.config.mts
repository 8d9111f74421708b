import { defineConfig } from 'vitest/config';

// Three projects, cheapest first: pure decisions and real databases; workflows in n8n's engine; a real n8n and a browser.
export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**', 'test/storm/queue-storm.test.ts', 'test/workflows/**', 'test/nodes/**', 'test/support/engine.test.ts'],
          testTimeout: 30_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'engine',
          include: ['test/workflows/**/*.test.ts', 'test/nodes/**/*.test.ts', 'test/support/engine.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 600_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          // Each file starts its own n8n; two at once on a small machine only slow each other down.
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 900_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'storm',
          include: ['test/storm/queue-storm.test.ts'],
        },
      },
    ],
    // Processes, not threads: n8n's engine and the databases set signal handlers and change the environment.
    pool: 'forks',
    passWithNoTests: true,
  },
});
