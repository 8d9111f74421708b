/** An intent keeps what its write takes away, so that whoever finds the write landed can put it on record. */
export const intentOverrides = {
  number: 4,
  name: 'what an intent overwrites',
  sql: `
ALTER TABLE sync_intents ADD COLUMN overrides TEXT NOT NULL DEFAULT '[]';
`,
} as const;
