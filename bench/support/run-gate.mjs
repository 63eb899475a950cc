import { fork } from 'node:child_process'
import { buildGates } from './build-gates.mjs'

const FLAGS = ['--expose-gc']
let built

/**
 * Runs `list`, `growth` or one gate in a process of its own: what another gate has made of the shared code, and of the heap, is
 * not in the figures.
 * @param {readonly string[]} args
 */
export async function runGateProcess(args) {
  built ??= buildGates()
  const file = await built
  return new Promise((resolve, reject) => {
    const child = fork(file, args, { execArgv: FLAGS, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
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
