import { Command, CommanderError } from 'commander'
import type { Role } from '../runtime/role.js'
import { activeMitigationCommand } from './active-mitigation/commands.js'
import { auditCommand } from './audit/commands.js'
import { authCommand } from './auth/commands.js'
import type { Cli } from './client/api-command.js'
import { completionCommand } from './completion/command.js'
import { devCommand } from './dev.js'
import { enforcementCommand } from './enforcement/commands.js'
import { eventsCommand } from './events/commands.js'
import { EXIT, type ExitCode } from './exit-codes.js'
import { expressionCommand } from './expression.js'
import { addOptionFlags } from './option-flags.js'
import { bundleCommand } from './policy-set/bundle-command.js'
import { policySetCommands } from './policy-set/commands.js'
import { profileCommand } from './profile/commands.js'
import { resourceCommands } from './resource/commands.js'
import { resultsCommand } from './results/command.js'
import { revisionCommand } from './revision/commands.js'
import { runService } from './run-service.js'
import type { Terminal } from './terminal.js'
import { trafficCommand } from './traffic.js'
import { VERSION } from './version.js'

/** Every command of `esper`. */
export function createProgram(cli: Cli): Command {
  const program = new Command('esper')
    .description('Say what traffic means and what should happen to it.')
    .version(VERSION)
    .commandsGroup('This machine:')
    .addCommand(devCommand())
    .addCommand(expressionCommand())
    .addCommand(trafficCommand())
    .commandsGroup('Sign-in and shell:')
    .addCommand(profileCommand(cli))
    .addCommand(authCommand(cli))
    .addCommand(completionCommand(cli))
    .commandsGroup('Resources:')
  for (const command of resourceCommands(cli)) program.addCommand(command)
  program
    .commandsGroup('What happened:')
    .addCommand(resultsCommand(cli))
    .addCommand(eventsCommand(cli))
    .addCommand(activeMitigationCommand(cli))
    .addCommand(auditCommand(cli))
    .commandsGroup('The policy set:')
    .addCommand(enforcementCommand(cli))
    .addCommand(revisionCommand(cli))
  for (const command of policySetCommands(cli)) program.addCommand(command)
  program.addCommand(bundleCommand(cli))
  program.commandsGroup('Services:')
  for (const command of serviceCommands()) program.addCommand(command)
  prepare(program, cli.terminal)
  return program
}

/** Runs one command line. Resolves with the exit code. */
export async function runProgram(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const ended: ExitCode[] = []
  const program = createProgram({ terminal, end: (code) => void ended.push(code) })
  try {
    await program.parseAsync(args, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return error.exitCode === 0 ? EXIT.done : EXIT.usage
  }
  return ended.at(-1) ?? EXIT.done
}

/** What holds for every command: wrong usage ends with one code, and says so where the terminal is. */
function prepare(command: Command, terminal: Terminal): void {
  command
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void terminal.stdout.write(text),
      writeErr: (text) => void terminal.stderr.write(text),
    })
    .showHelpAfterError('Add --help to see what is possible.')
  for (const child of command.commands) prepare(child, terminal)
}

const RUN_HELP: Readonly<Record<Role, string>> = {
  server: runHelp('esper server run --server-port 8080'),
  'ingestion-broker': runHelp('esper broker run ingestion'),
  'mitigation-broker': runHelp('esper broker run mitigation'),
  engine: runHelp('esper worker run engine --config /etc/esper/engine.json'),
}

function runHelp(example: string): string {
  return `
Secrets belong in the environment or in files: docs/configuration.md lists every option.

Examples:
  ${example}

Exit codes:
  0  it was stopped, and ended in order
  1  it could not start or go on; the log says why
  2  the configuration cannot be used`
}

function serviceCommands(): readonly Command[] {
  const runBroker = new Command('run')
    .description('Runs a broker.')
    .addCommand(run('ingestion', 'ingestion-broker'))
    .addCommand(run('mitigation', 'mitigation-broker'))
  const runWorker = new Command('run').description('Runs a worker.').addCommand(run('engine', 'engine'))
  return [
    new Command('server').description('The API, the console and the SDK API.').addCommand(run('run', 'server')),
    new Command('broker').description('The brokers between SDKs and engine.').addCommand(runBroker),
    new Command('worker').description('Workers behind the brokers.').addCommand(runWorker),
  ]
}

function run(name: string, role: Role): Command {
  const command = new Command(name).description(`Runs the ${role}.`).addHelpText('after', RUN_HELP[role])
  return addOptionFlags(command).action(async (_options, given: Command) => runService(role, given))
}
