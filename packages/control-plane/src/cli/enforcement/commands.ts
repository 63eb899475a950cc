import { Argument, Command } from 'commander'
import type { ApiRecord } from '../../clients/operator-client.js'
import { type Cli, describedCommand, onApiRun, type Session } from '../client/api-command.js'

const MEANINGS: Readonly<Record<string, string>> = {
  on: 'policies challenge and block',
  monitor: 'policies only observe: nobody is challenged or blocked',
}

/** `esper enforcement`: the one switch of a tenant. */
export function enforcementCommand(cli: Cli): Command {
  return new Command('enforcement')
    .description("The tenant's switch: whether anybody is challenged or blocked at all.")
    .addCommand(showCommand(cli))
    .addCommand(setCommand(cli))
}

function showCommand(cli: Cli): Command {
  const command = describedCommand('show', {
    summary: 'Says whether policies challenge and block.',
    examples: ['esper enforcement show', 'esper enforcement show --tenant shop --output json'],
  })
  return onApiRun(cli, command, async ({ session }) => {
    print(await (await session.client()).get(await pathOf(session)), session)
    return undefined
  })
}

function setCommand(cli: Cli): Command {
  const command = describedCommand('set', {
    summary: 'Turns enforcement on, or to monitor. Every SDK has it within seconds.',
    examples: [
      'esper enforcement set monitor   # something goes wrong: stop enforcing first',
      'esper enforcement set on',
    ],
  }).addArgument(new Argument('<enforcement>', 'what it is from now on').choices(Object.keys(MEANINGS)))
  return onApiRun(cli, command, async ({ args, session }) => {
    print(await (await session.client()).patch(await pathOf(session), { enforcement: args[0] }), session)
    return undefined
  })
}

function print({ tenant_id, slug, enforcement }: ApiRecord, { output }: Session): void {
  const is = String(enforcement)
  output.record({ tenant_id, slug, enforcement }, `${String(slug)}: ${is} (${MEANINGS[is] ?? 'unknown'})`)
}

async function pathOf(session: Session): Promise<string> {
  return `tenants/${await session.tenantId()}`
}
