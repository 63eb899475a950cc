import { Command } from 'commander'
import { type Cli, describedCommand, onApiRun, type Session } from '../client/api-command.js'
import { confirm } from '../confirm.js'
import { findResource, namesFor, pathOf, withNames } from './names.js'
import type { ResourceSpec, Verb } from './resource-spec.js'
import { RESOURCES } from './resources.js'
import { createResource, printTemplate, updateResource, type WriteFlags } from './write.js'

/** `esper <resource> list|show|create|update|delete`, for every resource there is. */
export function resourceCommands(cli: Cli): readonly Command[] {
  return RESOURCES.map((spec) => {
    const group = new Command(spec.command).description(spec.summary)
    for (const verb of spec.verbs) group.addCommand(COMMANDS[verb](cli, spec))
    for (const command of spec.more?.(cli, spec) ?? []) group.addCommand(command)
    return group
  })
}

const COMMANDS: Readonly<Record<Verb, (cli: Cli, spec: ResourceSpec) => Command>> = {
  list: listCommand,
  show: showCommand,
  create: createCommand,
  update: updateCommand,
  delete: deleteCommand,
}

function listCommand(cli: Cli, spec: ResourceSpec): Command {
  const command = describedCommand('list', {
    summary: `Lists every ${spec.noun}.`,
    examples: [`esper ${spec.command} list`, `esper ${spec.command} list --output ndjson`],
  })
  return onApiRun(cli, command, async ({ session }) => {
    const { output } = session
    const [client, path] = [await session.client(), await pathOf(spec, session)]
    // Programs get what the API says; people read names.
    const names = output.format === 'table' ? await namesFor(spec.references, session) : new Map()
    async function* shown() {
      for await (const { items } of client.pages(path)) {
        yield { items: items.map((item) => (names.size === 0 ? item : withNames(item, spec.references, names))) }
      }
    }
    const none = `There is no ${spec.noun} yet. Make one: esper ${spec.command} create --template`
    await output.list(shown(), { columns: spec.columns, none })
    return undefined
  })
}

function showCommand(cli: Cli, spec: ResourceSpec): Command {
  const command = describedCommand('show', {
    summary: `Shows ${spec.one}.`,
    examples: [`esper ${spec.command} show ${quoted(spec.exampleName)}`],
  }).argument(`<${spec.command}>`, 'name or id')
  return onApiRun(cli, command, async ({ args, session }) => {
    const [named = ''] = args
    await printRecord(spec, await findResource(spec, named, session), session)
    return undefined
  })
}

async function printRecord(spec: ResourceSpec, record: Record<string, unknown>, session: Session): Promise<void> {
  const { output } = session
  const shown =
    output.format === 'table' && spec.references.length > 0
      ? withNames(record, spec.references, await namesFor(spec.references, session))
      : record
  output.record(shown)
}

function createCommand(cli: Cli, spec: ResourceSpec): Command {
  const command = describedCommand('create', {
    summary: `Creates ${spec.one}.`,
    details: 'The document is YAML or JSON; --set adds to it or stands alone. What it refers to, it names.',
    examples: [
      `esper ${spec.command} create --template > ${spec.command}.yaml`,
      `esper ${spec.command} create -f ${spec.command}.yaml`,
      `esper ${spec.command} create -f ${spec.command}.yaml --set ${quoted(spec.exampleSet)}`,
    ],
  })
    .option('-f, --file <file>', 'the document; "-" reads it from standard input')
    .option('--set <name=value>', 'one field; again for more', collect)
    .option('--template', 'print a starter document and do nothing else')
  if (spec.shownOnce !== undefined) command.option('--env', 'print lines for an environment file and nothing else')
  return onApiRun<WriteFlags>(cli, command, async ({ flags, session }) => {
    if (flags.template === true) printTemplate(spec, session)
    else await createResource(spec, flags, session)
    return undefined
  })
}

function updateCommand(cli: Cli, spec: ResourceSpec): Command {
  const command = describedCommand('update', {
    summary: `Changes ${spec.one}: what is not named stays as it is.`,
    examples: [
      `esper ${spec.command} update ${quoted(spec.exampleName)} --set ${quoted(spec.exampleSet)}`,
      `esper ${spec.command} update ${quoted(spec.exampleName)} -f changes.yaml`,
    ],
  })
    .argument(`<${spec.command}>`, 'name or id')
    .option('-f, --file <file>', 'a document with the fields to change; "-" reads it from standard input')
    .option('--set <name=value>', 'one field; again for more; null clears one', collect)
  return onApiRun<WriteFlags>(cli, command, async ({ args, flags, session }) => {
    await updateResource(spec, { named: args[0] ?? '', flags }, session)
    return undefined
  })
}

function deleteCommand(cli: Cli, spec: ResourceSpec): Command {
  const command = describedCommand('delete', {
    summary: `Deletes ${spec.one}.`,
    examples: [
      `esper ${spec.command} delete ${quoted(spec.exampleName)}`,
      `esper ${spec.command} ${spec.deleteAlias ?? 'delete'} ${quoted(spec.exampleName)} --yes`,
    ],
  })
    .argument(`<${spec.command}>`, 'name or id')
    .option('-y, --yes', 'do not ask')
  if (spec.deleteAlias !== undefined) command.alias(spec.deleteAlias)
  return onApiRun<{ readonly yes?: boolean }>(cli, command, async ({ args, flags, session }) => {
    const record = await findResource(spec, args[0] ?? '', session)
    const name = String(record[spec.nameFields[0] ?? spec.idField] ?? record[spec.idField])
    await confirm(`Delete the ${spec.noun} "${name}"?`, { yes: flags.yes === true, terminal: session.terminal })
    const id = String(record[spec.idField])
    await (await session.client()).remove(`${await pathOf(spec, session)}/${id}`)
    session.output.record({ [spec.idField]: id, deleted: true }, `Deleted the ${spec.noun} "${name}".`)
    return undefined
  })
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}

/** As a shell takes it. */
function quoted(text: string): string {
  return /^[\w.=[\]@-]+$/.test(text) && !text.includes('[') ? text : `'${text}'`
}
