/**
 * What the guard process runs. Text, because it has to work unbuilt in tests and bundled in the package alike.
 * Arguments: the program, the milliseconds between SIGTERM and SIGKILL, the program's own arguments.
 */
export const GUARD_SOURCE = `
const [, command, graceMs, ...args] = process.argv
let child
let asked = false
const stop = () => {
  if (asked || child === undefined) return
  asked = true
  child.kill('SIGTERM')
  setTimeout(() => child.kill('SIGKILL'), Number(graceMs)).unref()
}
process.on('SIGTERM', stop)
process.on('SIGINT', stop)
process.stdin.on('end', stop)
process.stdin.on('error', stop)
process.stdin.resume()
child = require('node:child_process').spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] })
child.on('error', (error) => {
  process.stderr.write(error.message + '\\n')
  process.exit(127)
})
child.on('exit', (code) => process.exit(code ?? (asked ? 0 : 1)))
`
