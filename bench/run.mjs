import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

// Measures the product's sources; the flags are Node's, so the measuring itself is a process of its own.
const main = fileURLToPath(new URL('main.mjs', import.meta.url))
const flags = ['--conditions=source', '--import', 'tsx', '--expose-gc']
const { status } = spawnSync(process.execPath, [...flags, main, ...process.argv.slice(2)], { stdio: 'inherit' })
process.exit(status ?? 1)
