import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { documentOptions, LANGUAGE_PARTS } from '@esper/control-plane/testing'
import { documentSdkOptions } from '@esper/sdk/testing'

interface Part {
  readonly file: string
  /** Stands in the markers around the part. */
  readonly name: string
  readonly render: () => string
}

/** The parts of documents that follow from code. `--check` only says which are out of date. */
const PARTS: readonly Part[] = [
  { file: 'docs/configuration.md', name: 'options', render: documentOptions },
  { file: 'packages/sdk-node/README.md', name: 'options', render: documentSdkOptions },
  ...LANGUAGE_PARTS.map((part) => ({ file: 'docs/expressions.md', ...part })),
]

const root = join(import.meta.dirname, '..', '..')
const check = process.argv.includes('--check')
let outdated = 0
for (const part of PARTS) {
  const path = join(root, part.file)
  const before = readFileSync(path, 'utf8')
  const after = replacePart(before, part)
  if (after === before) continue
  outdated += 1
  if (check) console.log(`${part.file} is out of date: run node scripts/docs.mjs`)
  else writeFileSync(path, after)
}
process.exit(check && outdated > 0 ? 1 : 0)

function replacePart(text: string, { file, name, render }: Part): string {
  const start = text.indexOf(`<!-- ${name}:`)
  const startEnd = text.indexOf('-->', start) + 3
  const end = text.indexOf(`<!-- end of ${name} -->`)
  if (start < 0 || end < startEnd) throw new Error(`${file} has no markers for ${name}`)
  return `${text.slice(0, startEnd)}\n\n${render()}\n\n${text.slice(end)}`
}
