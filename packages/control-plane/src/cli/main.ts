import { runProgram } from './program.js'
import { processTerminal } from './terminal.js'

const exitCode = await runProgram(process.argv.slice(2), processTerminal())
// A command that ends the process itself says so there.
if (exitCode !== 0) process.exitCode = exitCode
