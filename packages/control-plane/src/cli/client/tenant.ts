import { z } from 'zod'
import type { OperatorClient } from '../../clients/operator-client.js'
import { CliError } from '../cli-error.js'
import { EXIT } from '../exit-codes.js'

export const meShape = z.looseObject({
  user: z.looseObject({ user_id: z.string(), name: z.string(), email: z.string().nullable() }),
  memberships: z.array(z.looseObject({ tenant_id: z.string(), name: z.string(), slug: z.string(), role: z.string() })),
  operator_token: z.looseObject({ name: z.string(), expires_at: z.string() }).nullish(),
})
export type Me = z.output<typeof meShape>

export async function readMe(client: OperatorClient): Promise<Me> {
  return meShape.parse(await client.get('me'))
}

/** Id of the tenant that a command is about: named by id or slug, or the only one there is. */
export async function tenantIdOf(client: OperatorClient, asked: string | undefined): Promise<string> {
  if (asked !== undefined && /^ten_[A-Za-z0-9]+$/.test(asked)) return asked
  const { memberships } = await readMe(client)
  const slugs = memberships.map(({ slug }) => slug).join(', ')
  if (asked !== undefined) {
    const found = memberships.find(({ slug }) => slug === asked)
    if (found !== undefined) return found.tenant_id
    throw new CliError(`You are a member of no tenant "${asked}".`, {
      exitCode: EXIT.notFound,
      code: 'not_found',
      hint: slugs === '' ? 'Make one: esper tenant create --set name=<name>' : `Yours are: ${slugs}.`,
    })
  }
  const [only] = memberships
  if (only === undefined) {
    throw new CliError('You are a member of no tenant.', {
      exitCode: EXIT.notFound,
      hint: 'Make one: esper tenant create --set name=<name>',
    })
  }
  if (memberships.length === 1) return only.tenant_id
  throw new CliError('You are a member of several tenants.', {
    exitCode: EXIT.usage,
    hint: `Say which with --tenant, ESPER_TENANT or the profile: ${slugs}.`,
  })
}
