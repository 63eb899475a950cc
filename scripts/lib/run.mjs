import { spawn } from 'node:child_process'
import { root } from './root.mjs'

/**
 * Runs a program from the repository's root to its end.
 * @returns {Promise<{code: number, output: string}>} `output` is empty unless `capture` is set
 */
export function run(command, args, { capture = false, env = process.env, cwd = root } = {}) {
  return new Promise((resolve, reject) => {
    // What is not captured goes to standard error: standard output belongs to the script's own answer.
    const output = capture ? 'pipe' : 2
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', output, output] })
    let text = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (part) => {
        text += part
      })
    }
    const end = () => child.kill('SIGTERM')
    process.once('exit', end)
    child.once('error', reject)
    child.once('close', (code, signal) => {
      process.off('exit', end)
      resolve({ code: signal === null ? code : 1, output: text })
    })
  })
}

/** Runs a tool of node_modules without npx and its start-up time. */
export function runTool(name, args, options) {
  return run(process.execPath, [toolPath(name), ...args], options)
}

const TOOLS = {
  attw: '@arethetypeswrong/cli/dist/index.js',
  biome: '@biomejs/biome/bin/biome',
  depcruise: 'dependency-cruiser/bin/dependency-cruise.mjs',
  knip: 'knip/bin/knip.js',
  publint: 'publint/src/cli.js',
  'size-limit': 'size-limit/bin.js',
  tsc: 'typescript/bin/tsc',
  tsup: 'tsup/dist/cli-default.js',
  vite: 'vite/bin/vite.js',
  vitest: 'vitest/vitest.mjs',
}

function toolPath(name) {
  return new URL(`../../node_modules/${TOOLS[name]}`, import.meta.url).pathname
}
