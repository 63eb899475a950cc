/** What a window counts with an event in it, by the window's identity. */
export interface WindowCount {
  readonly windowId: string
  readonly count: number
}

/** The count of a window; undefined where the event was not counted in it. */
export function countIn(counts: readonly WindowCount[], windowId: string): number | undefined {
  for (const counted of counts) if (counted.windowId === windowId) return counted.count
  return undefined
}
