import { isRecord } from '@esper/core'
import { RefusedByApi } from '../../clients/operator-client.js'
import { CliError } from '../cli-error.js'
import type { Session } from '../client/api-command.js'
import { type Document, placed, readDocument } from '../documents/document.js'
import { withSetValues } from '../documents/set-values.js'
import { EXIT } from '../exit-codes.js'
import { refusal } from '../report-error.js'
import { documentPath, findResource, namesFor, pathOf, withIds } from './names.js'
import type { ResourceSpec } from './resource-spec.js'

export interface WriteFlags {
  readonly file?: string
  readonly set?: readonly string[]
  readonly template?: boolean
  readonly env?: boolean
}

export function printTemplate({ template }: ResourceSpec, { terminal }: Session): void {
  terminal.stdout.write(template)
}

export async function createResource(spec: ResourceSpec, flags: WriteFlags, session: Session): Promise<void> {
  const { create } = await spec.schemas()
  const given = await readGiven(spec, { flags, session, schema: create })
  const path = await pathOf(spec, session)
  const created = await sent(spec, given, async (body) => (await session.client()).post(path, body), session)
  const name = String(created[spec.nameFields[0] ?? spec.idField] ?? '')
  const text = `Created the ${spec.noun} "${name}" (${String(created[spec.idField])}).`
  await printShownOnce(spec, created, { text, env: flags.env }, session)
}

interface ShownOnce {
  readonly text: string
  readonly env: boolean | undefined
}

/** What was made, with the secret in it that no later answer has. */
export async function printShownOnce(
  spec: ResourceSpec,
  made: Record<string, unknown>,
  { text, env }: ShownOnce,
  { output, target, terminal }: Session,
): Promise<void> {
  const once = spec.shownOnce?.(made, (await target()).url) ?? []
  if (env === true) terminal.stdout.write(`${once.join('\n')}\n`)
  else {
    const secret = once.length === 0 ? [] : ['Shown once, and kept nowhere:', ...once.map((line) => `  ${line}`)]
    output.record(made, [text, ...secret].join('\n'))
  }
}

export async function updateResource(
  spec: ResourceSpec,
  { named, flags }: { readonly named: string; readonly flags: WriteFlags },
  session: Session,
): Promise<void> {
  const { patch } = await spec.schemas()
  const given = await readGiven(spec, { flags, session, schema: patch })
  const record = await findResource(spec, named, session)
  const path = `${await pathOf(spec, session)}/${String(record[spec.idField])}`
  const updated = await sent(spec, given, async (body) => (await session.client()).patch(path, body), session)
  session.output.record(updated, `Changed the ${spec.noun} "${named}".`)
}

interface Given {
  readonly body: Record<string, unknown>
  /** Absent where only `--set` was given. */
  readonly document: Document | undefined
}

interface ReadGiven {
  readonly flags: WriteFlags
  readonly session: Session
  readonly schema: Parameters<typeof withSetValues>[2]
}

async function readGiven(spec: ResourceSpec, { flags, session, schema }: ReadGiven): Promise<Given> {
  const { file, set = [] } = flags
  if (file === undefined && set.length === 0) {
    throw new CliError('Nothing is given.', {
      exitCode: EXIT.usage,
      hint: `Give a document with -f, or fields with --set. A starter: esper ${spec.command} create --template`,
    })
  }
  const document = file === undefined ? undefined : await readDocument(file, session.terminal)
  const value = document?.value ?? {}
  if (!isRecord(value)) {
    throw new CliError(`${document?.file} does not hold one ${spec.noun}.`, {
      exitCode: EXIT.refused,
      code: 'malformed_document',
      hint: `It begins with "name:". A starter: esper ${spec.command} create --template`,
    })
  }
  return { body: { ...withSetValues(value, set, schema) }, document }
}

/** The API's answer; what it refuses is said in the words and at the lines of the document. */
async function sent(
  spec: ResourceSpec,
  { body, document }: Given,
  send: (body: Record<string, unknown>) => Promise<Record<string, unknown>>,
  session: Session,
): Promise<Record<string, unknown>> {
  const named = spec.references.filter(({ field }) => Object.hasOwn(body, field))
  try {
    return await send(withIds(body, named, await namesFor(named, session)))
  } catch (error) {
    const refused = error instanceof RefusedByApi ? refusal(error.problem, error) : error
    if (!(refused instanceof CliError)) throw refused
    const findings = (refused.details.findings ?? []).map((finding) => ({
      ...finding,
      path: documentPath(finding.path, spec.references),
    }))
    throw new CliError(refused.message, {
      ...refused.details,
      ...(document === undefined ? { findings } : { findings: placed(document, findings), file: document.file }),
    })
  }
}
