/** The spans of time one can look at. */
export const RANGES = [
  { value: '1h', label: '1 h', words: 'the last hour', seconds: 3600 },
  { value: '24h', label: '24 h', words: 'the last 24 hours', seconds: 86_400 },
  { value: '7d', label: '7 d', words: 'the last 7 days', seconds: 604_800 },
  { value: '30d', label: '30 d', words: 'the last 30 days', seconds: 2_592_000 },
] as const

export type Range = (typeof RANGES)[number]

/** The range as the API takes it, up to now. */
export function spanOf(range: Range): { from: string; to: string } {
  const nowMs = Date.now()
  return { from: new Date(nowMs - range.seconds * 1000).toISOString(), to: new Date(nowMs).toISOString() }
}
