import { Command } from 'commander'
import type { Role } from '../runtime/role.js'
import { addOptionFlags } from './option-flags.js'
import { runService } from './run-service.js'
import { VERSION } from './version.js'

/** The program of a bin that is one service. */
export function serviceProgram(name: string, role: Role): Command {
  const program = new Command(name).description(`Runs Esper's ${role}.`).version(VERSION).showHelpAfterError()
  return addOptionFlags(program).action(async (_options, command: Command) => runService(role, command))
}
