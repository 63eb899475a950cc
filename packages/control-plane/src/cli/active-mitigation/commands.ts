import { Command } from 'commander'
import { type Cli, describedCommand, onApiRun, type Session } from '../client/api-command.js'
import { countOf } from '../count.js'
import { durationSeconds } from '../duration.js'
import { entityText } from '../events/entity-text.js'
import { field } from '../output/table.js'
import { findResource } from '../resource/names.js'
import { resourceSpec } from '../resource/resources.js'

interface ListFlags {
  readonly policy?: string
  readonly limit?: string
}

interface ReleaseFlags {
  readonly exemptFor?: string
  readonly note?: string
}

const FOR_GOOD = 'always'

/** `esper active-mitigation`: who is held right now. */
export function activeMitigationCommand(cli: Cli): Command {
  return new Command('active-mitigation')
    .description('Who is held right now, and letting them go.')
    .addCommand(listCommand(cli))
    .addCommand(releaseCommand(cli))
}

function listCommand(cli: Cli): Command {
  const command = describedCommand('list', {
    summary: 'Lists the entities that are held right now.',
    examples: ['esper active-mitigation list', 'esper active-mitigation list --policy "Credential stuffing"'],
  })
    .option('--policy <policy>', 'only those of this policy; name or id')
    .option('--limit <count>', 'how many; 50 unless given')
  return onApiRun<ListFlags>(cli, command, async ({ flags, session }) => {
    const [client, path, names] = [await session.client(), await pathOf(session), await policyNames(session)]
    const policy = flags.policy === undefined ? {} : await findResource(resourceSpec('policy'), flags.policy, session)
    const { policy_id: policyId } = policy
    const query = typeof policyId === 'string' ? { policy_id: policyId } : {}
    await session.output.list(client.pages(path, query), {
      columns: [
        { title: 'entity', text: ({ entity }) => entityText(entity) },
        { title: 'policy', text: ({ policy_id: id }) => names.get(String(id)) ?? String(id) },
        ...[field('since'), field('expires_at', 'expires'), field('counting_scope', 'scope')],
        field('active_mitigation_id', 'id'),
      ],
      none: 'Nobody is held.',
      limit: flags.limit === undefined ? 50 : countOf('--limit', flags.limit),
    })
    return undefined
  })
}

function releaseCommand(cli: Cli): Command {
  const command = describedCommand('release', {
    summary: 'Lets an entity go: what it did before is forgotten, everywhere within seconds.',
    details: 'It is held again when it does the same again, unless it is exempted.',
    examples: [
      'esper active-mitigation release act_Zx81kQ0p2LmN',
      'esper active-mitigation release act_Zx81kQ0p2LmN --exempt-for 24h --note "our own load test"',
      'esper active-mitigation release act_Zx81kQ0p2LmN --exempt-for always',
    ],
  })
    .argument('<id>', 'as active-mitigation list shows it')
    .option('--exempt-for <duration>', `exempt exactly that entity, such as 1h or 24h, or "${FOR_GOOD}"`)
    .option('--note <text>', 'why it is exempt')
  return onApiRun<ReleaseFlags>(cli, command, async ({ args, flags, session }) => {
    const path = `${await pathOf(session)}/${encodeURIComponent(args[0] ?? '')}/release`
    const released = await (await session.client()).post(path, { exempt: exemptOf(flags) })
    session.output.record(released, `Released${flags.exemptFor === undefined ? '' : ', and exempt from now on'}.`)
    return undefined
  })
}

function exemptOf({ exemptFor, note }: ReleaseFlags) {
  if (exemptFor === undefined) return null
  const forSeconds = exemptFor === FOR_GOOD ? null : durationSeconds(exemptFor)
  return { for_seconds: forSeconds, ...(note === undefined ? {} : { note }) }
}

async function pathOf(session: Session): Promise<string> {
  return `tenants/${await session.tenantId()}/active-mitigations`
}

async function policyNames(session: Session): Promise<ReadonlyMap<string, string>> {
  const policies = await (await session.client()).list(`tenants/${await session.tenantId()}/policies`)
  return new Map(policies.map(({ policy_id: id, name }) => [String(id), String(name)]))
}
