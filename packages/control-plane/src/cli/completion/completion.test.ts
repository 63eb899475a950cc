import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createEsper, type Esper } from '../testing/run-esper.js'
import type { Shell } from './scripts.js'

let esper: Esper
let folder: string
beforeAll(() => {
  esper = createEsper()
  folder = mkdtempSync(join(tmpdir(), 'esper-completion-'))
})
afterAll(() => {
  esper.remove()
  rmSync(folder, { recursive: true })
})

/** How each shell is asked what it would offer for the last of some words. */
const ASK: Readonly<Record<Shell, (script: string, line: readonly string[]) => readonly string[]>> = {
  bash: (script, line) => [
    '-c',
    `. "${script}"; COMP_WORDS=(${line.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${line.length - 1}; _esper; printf '%s\\n' "\${COMPREPLY[@]}"`,
  ],
  zsh: (script, line) => [
    '-fc',
    `compdef() { : }; compadd() { print -l -- \${(P)2}; }; _files() { : }; . "${script}"; words=(${line.map((word) => `'${word}'`).join(' ')}); CURRENT=${line.length}; _esper`,
  ],
  fish: (script, line) => ['-c', `source "${script}"; complete -C '${line.join(' ')}' | string replace -r '\\t.*' ''`],
}

async function offered(shell: Shell, line: readonly string[]): Promise<readonly string[]> {
  const { code, out } = await esper.run(['completion', shell])
  expect(code).toBe(0)
  const script = join(folder, `esper.${shell}`)
  writeFileSync(script, out)
  const asked = spawnSync(shell, ASK[shell](script, line), { encoding: 'utf8' })
  expect(asked.stderr).toBe('')
  const last = line.at(-1) ?? ''
  // zsh itself keeps what begins as the word does; here nothing stands between.
  return asked.stdout.split('\n').filter((word) => word !== '' && word.startsWith(last))
}

function isThere(shell: Shell): boolean {
  return spawnSync(shell, ['--version']).status === 0
}

describe.each(['bash', 'zsh', 'fish'] as const)('completion in %s', (shell) => {
  const there = isThere(shell)
  const because = there ? '' : ` (skipped: there is no ${shell} on this machine)`

  it.skipIf(!there)(`offers commands, options and their values where they belong${because}`, async () => {
    expect(await offered(shell, ['esper', 'pol'])).toEqual(['policy'])
    expect(await offered(shell, ['esper', 'policy', ''])).toEqual(
      expect.arrayContaining(['list', 'show', 'create', 'update', 'delete']),
    )
    expect(await offered(shell, ['esper', 'policy', 'list', '--ou'])).toEqual(['--output'])
    // fish sorts them itself.
    expect([...(await offered(shell, ['esper', 'policy', 'list', '--output', '']))].sort()).toEqual([
      'json',
      'ndjson',
      'table',
    ])
    expect(await offered(shell, ['esper', 'policy', 'list', '--output', 'json', '--ten'])).toEqual(['--tenant'])
    expect(await offered(shell, ['esper', 'enforcement', 'set', 'm'])).toEqual(['monitor'])
  })
})

it('refuses a shell it does not know, and names those it does', async () => {
  const { code, err } = await esper.run(['completion', 'tcsh'])
  expect(code).toBe(2)
  expect(err).toContain('bash, zsh, fish')
})
