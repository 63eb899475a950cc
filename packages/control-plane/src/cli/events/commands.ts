import { isRecord } from '@esper/core'
import { Command, Option } from 'commander'
import type { ApiRecord } from '../../clients/operator-client.js'
import { type Cli, describedCommand, onApiRun, type Session } from '../client/api-command.js'
import { countOf } from '../count.js'
import { type Column, cellText, field } from '../output/table.js'
import { findResource } from '../resource/names.js'
import { resourceSpec } from '../resource/resources.js'
import { addSpanFlags, type SpanFlags, spanOf } from '../span-flags.js'
import { explanationText } from './explanation-text.js'

interface ListFlags extends SpanFlags {
  readonly source?: string
  readonly policy?: string
  readonly outcome?: string
  readonly text?: string
  readonly limit?: string
}

interface ShowFlags {
  readonly observedAt?: string
}

interface ExplainFlags extends ShowFlags {
  readonly policy?: string
}

const EXAMPLE_ID = '01JG5T3M8W'

/** `esper events`: what sources sent, and why it was decided as it was. */
export function eventsCommand(cli: Cli): Command {
  return new Command('events')
    .description('What sources sent, and why it was decided as it was.')
    .addCommand(listCommand(cli))
    .addCommand(showCommand(cli))
    .addCommand(explainCommand(cli))
}

const COLUMNS: readonly Column[] = [
  field('observed_at', 'observed'),
  { title: 'request', text: ({ fields }) => requestText(fields) },
  { title: 'address', text: ({ fields }) => fieldText(fields, 'client_ip') },
  ...[field('source_id', 'source'), field('state')],
  { title: 'enforced', text: ({ decision }) => enforcedText(decision) },
  { title: 'decided', text: ({ decisions }) => decidedText(decisions) },
  field('event_id', 'event'),
]

function listCommand(cli: Cli): Command {
  const command = describedCommand('list', {
    summary: 'Lists events, newest first.',
    examples: [
      'esper events list --outcome block --since 1h',
      'esper events list --policy "Credential stuffing" --limit 200 --output ndjson',
      'esper events list --text 203.0.113.7',
    ],
  })
    .option('--source <id>', 'only those of a source')
    .option('--policy <policy>', 'only those that this policy decided something on; name or id')
    .addOption(
      new Option('--outcome <outcome>', 'only those that some policy decided so on').choices([
        ...['observe', 'challenge', 'block', 'none'],
      ]),
    )
    .option('--text <text>', 'only those with a value that holds this text')
    .option('--limit <count>', 'how many; 50 unless given')
  return onApiRun<ListFlags>(cli, addSpanFlags(command, '24h unless given'), async ({ flags, session }) => {
    const { source, outcome, text } = flags
    const policyId = await policyIdOf(flags.policy, session)
    const query = { ...spanOf(flags, Date.now()), source_id: source, outcome, text, policy_id: policyId }
    const limit = flags.limit === undefined ? 50 : countOf('--limit', flags.limit)
    const pages = (await session.client()).pages(await pathOf(session), query)
    await session.output.list(pages, { columns: COLUMNS, none: 'There is no such event in that time.', limit })
    return undefined
  })
}

function showCommand(cli: Cli): Command {
  const command = aboutOne('show', {
    summary: 'Shows an event: its fields, what the SDK did, and what each policy decided.',
    examples: [`esper events show ${EXAMPLE_ID}`, `esper events show ${EXAMPLE_ID} --output json`],
  })
  return onApiRun<ShowFlags>(cli, command, async ({ args, flags, session }) => {
    const path = `${await pathOf(session)}/${encodeURIComponent(args[0] ?? '')}`
    session.output.record(await (await session.client()).get(path, { observed_at: flags.observedAt }))
    return undefined
  })
}

function explainCommand(cli: Cli): Command {
  const command = aboutOne('explain', {
    summary: 'Says why each policy did or did not hold for an event, clause by clause.',
    examples: [`esper events explain ${EXAMPLE_ID}`, `esper events explain ${EXAMPLE_ID} --policy "No scrapers"`],
  }).option('--policy <policy>', 'only this one; name or id')
  return onApiRun<ExplainFlags>(cli, command, async ({ args, flags, session }) => {
    const path = `${await pathOf(session)}/${encodeURIComponent(args[0] ?? '')}/explain`
    const query = { observed_at: flags.observedAt, policy_id: await policyIdOf(flags.policy, session), limit: 50 }
    const answer = await (await session.client()).get(path, query)
    const { eventExplanation } = await import('../../server/explanations/schema.js')
    session.output.record(answer, explanationText(eventExplanation.parse(answer), session.terminal))
    return undefined
  })
}

function aboutOne(name: string, text: { readonly summary: string; readonly examples: readonly string[] }): Command {
  return describedCommand(name, text)
    .argument('<event>', 'id of the event')
    .option('--observed-at <time>', 'when it happened: finds it at once, without a search')
}

async function pathOf(session: Session): Promise<string> {
  return `tenants/${await session.tenantId()}/events`
}

async function policyIdOf(named: string | undefined, session: Session): Promise<string | undefined> {
  if (named === undefined) return undefined
  return String((await findResource(resourceSpec('policy'), named, session)).policy_id)
}

function requestText(fields: unknown): string {
  return `${fieldText(fields, 'request_method')} ${fieldText(fields, 'request_path')}`
}

function fieldText(fields: unknown, name: string): string {
  return cellText(isRecord(fields) ? fields[name] : undefined)
}

function enforcedText(decision: unknown): string {
  return isRecord(decision) && decision.enforced === true ? cellText(decision.outcome) : '-'
}

/** How many policies decided what, such as "block, 2 observe". */
function decidedText(decisions: unknown): string {
  const outcomes = Array.isArray(decisions) ? decisions.filter(isRecord).map(({ outcome }: ApiRecord) => outcome) : []
  const texts = [...new Set(outcomes)].map((outcome) => {
    const count = outcomes.filter((one) => one === outcome).length
    return count === 1 ? cellText(outcome) : `${count} ${cellText(outcome)}`
  })
  return texts.length === 0 ? '-' : texts.join(', ')
}
