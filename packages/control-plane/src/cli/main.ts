#!/usr/bin/env node
import { Command } from 'commander'
import type { Role } from '../runtime/role.js'
import { devCommand } from './dev.js'
import { expressionCommand } from './expression.js'
import { addOptionFlags } from './option-flags.js'
import { runService } from './run-service.js'
import { VERSION } from './version.js'

const program = new Command('esper')
  .description('Say what traffic means and what should happen to it.')
  .version(VERSION)
  .showHelpAfterError()

program.addCommand(devCommand())
program.command('server').description('The API, the console and the SDK API.').addCommand(run('run', 'server'))
program
  .command('broker')
  .description('The brokers between SDKs and engine.')
  .addCommand(
    new Command('run')
      .description('Runs a broker.')
      .addCommand(run('ingestion', 'ingestion-broker'))
      .addCommand(run('mitigation', 'mitigation-broker')),
  )
program
  .command('worker')
  .description('Workers behind the brokers.')
  .addCommand(new Command('run').description('Runs a worker.').addCommand(run('engine', 'engine')))
program.addCommand(expressionCommand())

await program.parseAsync()

function run(name: string, role: Role): Command {
  const command = new Command(name).description(`Runs the ${role}.`).showHelpAfterError()
  return addOptionFlags(command).action(async (_options, given: Command) => runService(role, given))
}
