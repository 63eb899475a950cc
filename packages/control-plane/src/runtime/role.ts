/** What a process can be: one service each. */
export const ROLES = ['server', 'ingestion-broker', 'mitigation-broker', 'engine'] as const
export type Role = (typeof ROLES)[number]
