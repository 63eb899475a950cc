/** The first versions of their lines that no longer let a request go around the middleware (CVE-2025-29927). */
export const SAFE_NEXT = ['12.3.5', '13.5.9', '14.2.25', '15.2.3'] as const

function partsOf(version: string): readonly number[] {
  return version.split('.', 3).map((part) => Number.parseInt(part, 10))
}

/** Whether a version of Next runs its middleware whatever headers a request has. A version that cannot be read counts as safe. */
export function isSafeNext(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = partsOf(version)
  if (Number.isNaN(major + minor + patch)) return true
  const fixed = SAFE_NEXT.map(partsOf).find(([line]) => line === major)
  // Middleware came with Next 11.1 in a form of its own; lines above have the fix from the start.
  if (fixed === undefined) return major > 15 || major < 11
  const [, minorFixed = 0, patchFixed = 0] = fixed
  return minor > minorFixed || (minor === minorFixed && patch >= patchFixed)
}
