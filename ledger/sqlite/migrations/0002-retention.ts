/** The youngest number that pruning has forgotten: a run that is older cannot know what it missed. */
export const retention = {
  number: 2,
  name: 'retention',
  sql: `
ALTER TABLE sync_syncs ADD COLUMN forgotten_seq INTEGER NOT NULL DEFAULT 0;
`,
} as const;
