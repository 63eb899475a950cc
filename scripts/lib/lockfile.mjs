const OS = new Set([
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
])
const CPU = new Set(['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64'])

/**
 * The optional dependencies that a lockfile's packages name and that it does not hold, as entries to add.
 * npm leaves out those of other platforms when its registry does not answer for them, and `npm ci` then refuses the
 * lockfile everywhere.
 * @param {Record<string, {optionalDependencies?: Record<string, string>, dev?: boolean, license?: string}>} packages
 * @returns {Record<string, object>} by path
 */
export function missingPlatforms(packages) {
  const missing = {}
  for (const [path, entry] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (!isHeld(packages, path, name)) missing[`node_modules/${name}`] = platformEntry(name, version, entry)
    }
  }
  return missing
}

/** Looks where Node would: beside the package, then further out. */
function isHeld(packages, path, name) {
  for (let place = path; ; place = place.slice(0, Math.max(0, place.lastIndexOf('node_modules/') - 1))) {
    if (packages[`${place === '' ? '' : `${place}/`}node_modules/${name}`] !== undefined) return true
    if (!place.includes('node_modules/')) return packages[`node_modules/${name}`] !== undefined
  }
}

/** The name says for which platform it is; with it npm skips what does not fit without asking for it. */
function platformEntry(name, version, { dev, license }) {
  const words = name.split('/').at(-1).split('-')
  const os = words.filter((word) => OS.has(word))
  const cpu = words.filter((word) => CPU.has(word))
  const libc = words.some((word) => word.startsWith('musl')) ? 'musl' : 'glibc'
  return {
    version,
    ...(cpu.length > 0 && { cpu }),
    ...(dev && { dev }),
    ...(words.some((word) => /^(?:gnu|musl)/.test(word)) && os.includes('linux') && { libc: [libc] }),
    ...(license !== undefined && { license }),
    optional: true,
    ...(os.length > 0 && { os }),
  }
}
