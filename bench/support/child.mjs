import { fork } from 'node:child_process'
import { once } from 'node:events'
import { dirname, join } from 'node:path'

/** Built beside the process that runs the gate. */
const FOLDER = dirname(process.argv[1])

/** A process beside the gate's own. */
function forkChild(name, args, flags) {
  const child = fork(join(FOLDER, `${name}.mjs`), args, { execArgv: flags })
  child.on('exit', (code) => {
    if (code !== 0) throw new Error(`${name} ${args.join(' ')} ended with code ${code}.`)
  })
  return child
}

/** What a process with these flags of V8 finds out: its one message. */
export async function askChild(name, flags) {
  const [answer] = await once(forkChild(name, [], flags), 'message')
  return answer
}

/** A process that says its port when it is ready. It ends with `end`, or when the gate does. */
export async function startChild(name, args = []) {
  const child = forkChild(name, args, [])
  const [{ port }] = await once(child, 'message')
  const ask = async (question) => {
    child.send(question)
    const [answer] = await once(child, 'message')
    return answer
  }
  return { url: `http://127.0.0.1:${port}`, port, ask, end: () => child.disconnect() }
}
