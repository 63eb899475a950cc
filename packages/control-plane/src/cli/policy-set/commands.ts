import type { Command } from 'commander'
import { stringify } from 'yaml'
import { type Cli, describedCommand, onApiRun, onRun, type Session } from '../client/api-command.js'
import { confirm } from '../confirm.js'
import { EXIT } from '../exit-codes.js'
import { planText } from './plan-text.js'

interface FileFlags {
  readonly file: string
  readonly yes?: boolean
}

/** `esper export|diff|apply|validate|schema`: the whole policy set as one file. */
export function policySetCommands(cli: Cli): readonly Command[] {
  return [exportCommand(cli), diffCommand(cli), applyCommand(cli), validateCommand(cli), schemaCommand(cli)]
}

function withFile(command: Command): Command {
  return command.requiredOption('-f, --file <file>', 'the policy set; "-" reads it from standard input')
}

const HEADER = `# yaml-language-server: $schema=./esper.schema.json
# A section that is there is the whole of it: what it leaves out is deleted. A section that is left out is left alone.
`

function exportCommand(cli: Cli): Command {
  const command = describedCommand('export', {
    summary: "Prints the tenant's whole policy set as one file.",
    details: 'YAML unless --output says json. What refers to something names it; there are no ids.',
    examples: ['esper export > esper.yaml', 'esper export --output json | jq .policies'],
  })
  return onApiRun(cli, command, async ({ flags, session }) => {
    const document = await (await session.client()).get(await pathOf(session))
    if (flags.output === 'json' || flags.output === 'ndjson') session.output.record(document)
    else session.terminal.stdout.write(`${HEADER}${stringify(document, { lineWidth: 120 })}`)
    return undefined
  })
}

function diffCommand(cli: Cli): Command {
  const command = describedCommand('diff', {
    summary: 'Shows what applying a file would change. Ends with 3 when something would.',
    examples: ['esper diff -f esper.yaml', 'esper diff -f esper.yaml --output json'],
  })
  return onApiRun<FileFlags>(cli, withFile(command), async ({ flags, session }) => {
    const { plan } = await planned(flags.file, session)
    session.output.record(plan, planText(plan.changes, session.terminal))
    return plan.changes.length === 0 ? EXIT.done : EXIT.differs
  })
}

function applyCommand(cli: Cli): Command {
  const command = describedCommand('apply', {
    summary: 'Makes the policy set what a file says, in one step or not at all.',
    details:
      'Shows the plan and asks; where nobody can answer, --yes must be given. What was agreed to is done, or nothing.',
    examples: ['esper apply -f esper.yaml', 'esper apply -f esper.yaml --yes'],
  }).option('-y, --yes', 'do not ask')
  return onApiRun<FileFlags>(cli, withFile(command), async ({ flags, session }) => {
    const { output, terminal } = session
    const { file, plan, documents } = await planned(flags.file, session)
    if (plan.changes.length > 0) {
      output.say(planText(plan.changes, terminal))
      await confirm('Apply these changes?', { yes: flags.yes === true, terminal })
    }
    const body = { document: file.policySet, plan: plan.plan }
    const path = `${await pathOf(session)}/apply`
    const answer = await documents.withPlaces(file.document, async () => (await session.client()).post(path, body))
    const { policySetApplied } = await import('../../server/policy-set/document/schema.js')
    const applied = policySetApplied.parse(answer)
    const text = applied.changes.length === 0 ? 'Nothing to change.' : `Applied: this is revision ${applied.revision}.`
    output.record(applied, text)
    return undefined
  })
}

function validateCommand(cli: Cli): Command {
  const command = describedCommand('validate', {
    summary: 'Checks a file without a server, as the server would for a new tenant.',
    examples: ['esper validate -f esper.yaml'],
  })
  return onRun<FileFlags>(cli, withFile(command), async ({ flags, session }) => {
    const { readPolicySet, withPlaces } = await import('./read-policy-set.js')
    const { compileOffline } = await import('./offline.js')
    const { document, policySet } = await readPolicySet(flags.file, session.terminal)
    const content = await withPlaces(document, () => compileOffline(policySet, new Date()))
    const policies = content?.policies.length ?? 0
    session.output.record({ valid: true, policies }, `${document.file} is valid: ${policies} enabled policies.`)
    return undefined
  })
}

function schemaCommand(cli: Cli): Command {
  const command = describedCommand('schema', {
    summary: 'Prints the JSON Schema of policy set files, for editors.',
    examples: ['esper schema > esper.schema.json'],
  })
  return onRun(cli, command, async ({ session }) => {
    const { policySetJsonSchema } = await import('../../server/policy-set/document/json-schema.js')
    session.terminal.stdout.write(`${JSON.stringify(policySetJsonSchema(), null, 2)}\n`)
    return undefined
  })
}

async function pathOf(session: Session): Promise<string> {
  return `tenants/${await session.tenantId()}/policy-set`
}

/** The file, and what the server says applying it would change. */
async function planned(path: string, session: Session) {
  const documents = await import('./read-policy-set.js')
  const { policySetPlan } = await import('../../server/policy-set/document/schema.js')
  const file = await documents.readPolicySet(path, session.terminal)
  const url = `${await pathOf(session)}/plan`
  const answer = await documents.withPlaces(file.document, async () =>
    (await session.client()).post(url, { document: file.policySet }),
  )
  return { file, plan: policySetPlan.parse(answer), documents }
}
