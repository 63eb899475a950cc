import { setTimeout as pause } from 'node:timers/promises'
import type { Command } from 'commander'
import { z } from 'zod'
import type { ApiRecord } from '../../clients/operator-client.js'
import { CliError } from '../cli-error.js'
import { type Cli, describedCommand, onApiRun, type Session } from '../client/api-command.js'
import { countOf } from '../count.js'
import { EXIT } from '../exit-codes.js'
import { type Column, cellText, field, tableText } from '../output/table.js'
import { findResource } from '../resource/names.js'
import { resourceSpec } from '../resource/resources.js'
import { addSpanFlags, type Span, type SpanFlags, spanOf } from '../span-flags.js'
import { policyResultText } from './policy-result.js'

interface ResultsFlags extends SpanFlags {
  readonly wait?: string
}

const resultsPage = z.looseObject({ events: z.number(), from: z.string(), to: z.string() })

interface Results extends z.output<typeof resultsPage> {
  readonly items: readonly ApiRecord[]
}

const WAIT_MS = 60_000
const LOOK_AGAIN_MS = 250

/** `esper results`: what policies did. */
export function resultsCommand(cli: Cli): Command {
  const command = describedCommand('results', {
    summary: 'Shows what each policy did in a span of time, or what one did with its newest decisions.',
    details:
      'Events count at the time they happened. --wait is for scripts that have just sent some: it ends with 3 when not\n' +
      'that many are decided within a minute.',
    examples: [
      'esper results',
      'esper results --since 7d --output json',
      'esper results "Credential stuffing" --from 2026-01-31 --to 2026-02-01',
      'esper results --wait 1200',
    ],
  })
    .argument('[policy]', 'name or id')
    .option('--wait <events>', 'wait until so many events are decided')
  return onApiRun<ResultsFlags>(cli, addSpanFlags(command, '24h unless given'), async ({ args, flags, session }) => {
    if (flags.wait !== undefined) await untilDecided(countOf('--wait', flags.wait), flags, session)
    const span = spanOf(flags, Date.now())
    const [named] = args
    if (named === undefined) await printResults(await readResults(session, span), session)
    else await printPolicyResult(named, span, session)
    return undefined
  })
}

async function readResults(session: Session, span: Span): Promise<Results> {
  const path = `tenants/${await session.tenantId()}/results/policies`
  const items: ApiRecord[] = []
  let told = { events: 0, from: '', to: '' }
  for await (const page of (await session.client()).pages(path, { ...span })) {
    told = resultsPage.parse(page)
    items.push(...page.items)
  }
  const { events, from, to } = told
  return { events, from, to, items }
}

const COLUMNS: readonly Column[] = [
  ...[field('name', 'policy'), field('mode')],
  ...['observe', 'challenge', 'block', 'enforced', 'cleared', 'shadowed', 'exempt', 'matched', 'not_captured'].map(
    (name) => field(`${name}_count`, name, 'right'),
  ),
  { title: 'closest', align: 'right', text: closestText },
  field('last_matched_at', 'last matched'),
]

async function printResults(results: Results, { output, terminal }: Session): Promise<void> {
  const { events, from, to, items } = results
  const title = `${events.toLocaleString('en')} events from ${from} to ${to}`
  const table = items.length === 0 ? 'There is no policy yet.' : tableText(terminal, COLUMNS, items)
  output.record(results, `${title}\n\n${table}`)
}

/** Beside its threshold: "3 of 5" says that the window counts, though it held nobody. */
function closestText({ closest_n: closest, threshold }: ApiRecord): string {
  if (closest === null) return '-'
  return threshold === null ? cellText(closest) : `${cellText(closest)} of ${cellText(threshold)}`
}

async function printPolicyResult(named: string, span: Span, session: Session): Promise<void> {
  const spec = resourceSpec('policy')
  const policy = await findResource(spec, named, session)
  const path = `tenants/${await session.tenantId()}/results/policies/${String(policy[spec.idField])}`
  const result = await (await session.client()).get(path, { ...span, limit: 20 })
  session.output.record(result, policyResultText(result, session.terminal))
}

async function untilDecided(wanted: number, flags: SpanFlags, session: Session): Promise<void> {
  const deadline = performance.now() + WAIT_MS
  for (;;) {
    const { events } = await readResults(session, spanOf(flags, Date.now()))
    if (events >= wanted) return
    if (performance.now() > deadline) {
      throw new CliError(`${events} events are decided, not ${wanted}.`, {
        exitCode: EXIT.differs,
        hint: 'Was everything accepted, and does the engine worker run? esper events list shows what came in.',
      })
    }
    await pause(LOOK_AGAIN_MS)
  }
}
