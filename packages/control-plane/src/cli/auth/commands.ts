import { Command } from 'commander'
import { CliError } from '../cli-error.js'
import { type Call, type Cli, type CommonFlags, describedCommand, onApiRun } from '../client/api-command.js'
import { checkedUrl, clientOf, isInTheClear, ownProfile, type Target } from '../client/connection.js'
import { type Me, readMe } from '../client/tenant.js'
import { EXIT } from '../exit-codes.js'
import { readSecret } from './read-secret.js'

const TOKEN = /^eop_[A-Za-z0-9_-]{43}$/

/** `esper auth`: as whom commands speak. */
export function authCommand(cli: Cli): Command {
  return new Command('auth')
    .description('Signs in and out.')
    .addCommand(loginCommand(cli))
    .addCommand(statusCommand(cli))
    .addCommand(logoutCommand(cli))
}

function loginCommand(cli: Cli): Command {
  const command = describedCommand('login', {
    summary: 'Signs in with an operator token and keeps it in the profile.',
    details:
      'The token is read from standard input, or asked for on a terminal, so that it is in no history and no list of\n' +
      'processes. It is kept in profiles.json below ESPER_CONFIG_HOME (~/.config/esper), readable by you alone.\n' +
      'Make one with "esper token create", or take the one that "esper dev --json" prints.',
    examples: [
      'esper auth login --token < token.txt',
      'esper auth login --token --url https://esper.example.com --profile production',
    ],
  }).requiredOption('--token', 'sign in with an operator token from standard input')
  return onApiRun(cli, command, async (call) => {
    const { output, profiles, terminal } = call.session
    const { name, url, tenant } = await placeOf(call)
    const token = await readSecret(terminal, 'Operator token: ')
    if (!TOKEN.test(token)) {
      throw new CliError('That is no operator token.', {
        exitCode: EXIT.usage,
        hint: 'A token begins with "eop_" and has 47 characters. Write nothing else to standard input.',
      })
    }
    const target = { url, operatorToken: token, tenant, profile: name }
    const me = await readMe(clientOf(target))
    const profile = { url, operator_token: token, ...(tenant === undefined ? {} : { tenant }) }
    const known = await profiles.read()
    await profiles.write({ current: name, profiles: { ...known.profiles, [name]: profile } })
    if (isInTheClear(url)) {
      output.note(`Warning: ${url} is not encrypted; whoever is on the way can read your token.`)
    }
    output.record(statusOf(me, target), `Signed in at ${url} as ${me.user.name} (profile ${name}).`)
    return undefined
  })
}

/** The profile to sign in for, which may not be there yet. */
async function placeOf({ flags, session }: Call<CommonFlags>) {
  const { env } = session.terminal
  const { current, profiles } = await session.profiles.read()
  const name = flags.profile || env.ESPER_PROFILE || current || 'default'
  const profile = ownProfile(profiles, name)
  const url = checkedUrl(flags.url ?? env.ESPER_URL ?? profile?.url)
  const kept = profile?.url === url ? profile.tenant : undefined
  return { name, url, tenant: flags.tenant ?? env.ESPER_TENANT ?? kept }
}

function statusCommand(cli: Cli): Command {
  const command = describedCommand('status', {
    summary: 'Says as whom commands speak, where, and in which tenants.',
    examples: ['esper auth status', 'esper auth status --profile production --output json'],
  })
  return onApiRun(cli, command, async ({ session }) => {
    const [target, client] = [await session.target(), await session.client()]
    const me = await readMe(client)
    session.output.record(statusOf(me, target), statusText(me, target))
    return undefined
  })
}

function logoutCommand(cli: Cli): Command {
  const command = describedCommand('logout', {
    summary: "Takes the token out of the profile; the server's copy lives on until it is revoked or over.",
    examples: ['esper auth logout', 'esper auth logout --profile production'],
  })
  return onApiRun(cli, command, async ({ session }) => {
    const { profile: name } = await session.target()
    const { profiles: known, ...rest } = await session.profiles.read()
    const profile = name === undefined ? undefined : ownProfile(known, name)
    if (name === undefined || profile?.operator_token === undefined) {
      session.output.record({ signed_out: false }, 'You were not signed in.')
      return undefined
    }
    const { operator_token: _gone, ...left } = profile
    await session.profiles.write({ ...rest, profiles: { ...known, [name]: left } })
    session.output.record({ signed_out: true, profile: name }, `Signed out of profile ${name}.`)
    return undefined
  })
}

function statusOf(me: Me, { url, profile }: Target) {
  return {
    url,
    profile: profile ?? null,
    user: me.user,
    operator_token: me.operator_token ?? null,
    memberships: me.memberships,
  }
}

function statusText({ user, memberships, operator_token: token }: Me, { url, profile, tenant }: Target): string {
  const lines = [
    `Server   ${url}${profile === undefined ? '' : ` (profile ${profile})`}`,
    `User     ${user.name}${user.email === null ? '' : ` <${user.email}>`}`,
    ...(token ? [`Token    ${token.name}, until ${token.expires_at}`] : []),
    ...(tenant === undefined ? [] : [`Tenant   ${tenant}`]),
    memberships.length === 0 ? 'A member of no tenant.' : 'A member of:',
    ...memberships.map(({ slug, name, role }) => `  ${slug}  ${name} (${role})`),
  ]
  return lines.join('\n')
}
