import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const CHILD = fileURLToPath(new URL('gate-process.mjs', import.meta.url))
/** The product's sources are measured. */
const FLAGS = ['--conditions=source', '--import', 'tsx', '--expose-gc']

/**
 * Runs `list` or one gate in a process of its own: what another gate has made of the shared code, and of the heap, is
 * not in the figures.
 * @param {readonly string[]} args
 */
export function runGateProcess(args) {
  return new Promise((resolve, reject) => {
    const child = fork(CHILD, args, { execArgv: FLAGS, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    let answer
    child.on('message', (message) => {
      answer = message
    })
    child.on('error', reject)
    child.on('exit', (code) => {
      if (code === 0 && answer !== undefined) resolve(answer)
      else reject(new Error(`Measuring ${args.join(' ')} ended with code ${code}.`))
    })
  })
}
