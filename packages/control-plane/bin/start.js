import { existsSync } from 'node:fs'

/** Starts a built program. npm links bins when it installs, which in the repository is before they are built. */
export async function start(name) {
  const program = new URL(`../dist/cli/${name}.js`, import.meta.url)
  if (existsSync(program)) return await import(program.href)
  console.error('Esper is not built here yet. Run: npm run build')
  process.exitCode = 1
}
