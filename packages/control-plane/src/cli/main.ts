import { runProgram } from './program.js'
import { processTerminal } from './terminal.js'

// Whoever reads has had enough (`esper policy list | head`): that is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

const exitCode = await runProgram(process.argv.slice(2), processTerminal())
// A command that ends the process itself says so there.
if (exitCode !== 0) process.exitCode = exitCode
