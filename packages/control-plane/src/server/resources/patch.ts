type Defined<P> = { [K in keyof P]?: P[K] | undefined }

/** The record with what the patch names; what it leaves out stays as it was. */
export function applyPatch<T extends object>(record: T, patch: Defined<T>): T {
  const named = Object.entries(patch).filter(([, value]) => value !== undefined)
  return { ...record, ...Object.fromEntries(named) }
}
