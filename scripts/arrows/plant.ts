import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const PACKAGES: Readonly<Record<string, string>> = {
  core: '@esper/core',
  'sdk-node': '@esper/sdk',
  'control-plane': '@esper/control-plane',
  testkit: '@esper/testkit',
  console: '@esper/console',
}
const LIBRARIES = ['express', 'mongoose', 'jsonata', 'undici', 'lru-cache', '@noble/hashes', 're2js']

/** A house with the same rooms as ours and nothing in them, in `root`. */
export function plantHouse(root: string): void {
  for (const name of LIBRARIES) {
    write(root, `node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' }))
    write(root, `node_modules/${name}/index.js`, '')
  }
  for (const [folder, name] of Object.entries(PACKAGES)) {
    const exports = {
      '.': { source: './src/index.ts' },
      './contract/operator': { source: './src/contract/operator.ts' },
    }
    write(root, `packages/${folder}/package.json`, JSON.stringify({ name, version: '1.0.0', type: 'module', exports }))
    write(root, `packages/${folder}/src/index.ts`, 'export const here = 1\n')
    mkdirSync(join(root, 'node_modules', dirname(name)), { recursive: true })
    symlinkSync(join(root, 'packages', folder), join(root, 'node_modules', name))
  }
  write(
    root,
    'packages/control-plane/src/contract/operator.ts',
    'export const code = 1\nexport interface Shape { a: 1 }\n',
  )
  for (const room of ['engine', 'server', 'database', 'http']) {
    write(root, `packages/control-plane/src/${room}/inside.ts`, 'export const inside = 1\n')
  }
}

/** A file of the house that has this one line. */
export function plant(root: string, path: string, line: string): void {
  write(root, path, `${line}\n`)
}

function write(root: string, path: string, text: string): void {
  const file = join(root, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}
