import { Command } from 'commander'
import { CliError } from '../cli-error.js'
import { type Cli, describedCommand, onRun } from '../client/api-command.js'
import { checkedUrl, noSuchProfile, ownProfile } from '../client/connection.js'
import { EXIT } from '../exit-codes.js'
import { field } from '../output/table.js'

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

/** `esper profile`: which server and tenant commands are about, and as whom. */
export function profileCommand(cli: Cli): Command {
  return new Command('profile')
    .description('Servers and tenants by name, so that no command has to repeat them.')
    .addCommand(listCommand(cli))
    .addCommand(addCommand(cli))
    .addCommand(useCommand(cli))
    .addCommand(removeCommand(cli))
}

function listCommand(cli: Cli): Command {
  const command = describedCommand('list', { summary: 'Lists the profiles.', examples: ['esper profile list'] })
  return onRun(cli, command, async ({ session: { profiles, output } }) => {
    const { current, profiles: known } = await profiles.read()
    const items = Object.entries(known).map(([name, { url, tenant, operator_token }]) => ({
      name,
      current: name === current,
      url,
      tenant: tenant ?? null,
      signed_in: operator_token !== undefined,
    }))
    await output.list(onePage(items), {
      columns: [
        { title: '', text: ({ current: is }) => (is === true ? '*' : '') },
        ...[field('name'), field('url'), field('tenant'), field('signed_in')],
      ],
      none: 'There is no profile. Add one: esper profile add <name> --url <address>',
    })
    return undefined
  })
}

async function* onePage(items: readonly Record<string, unknown>[]) {
  yield { items: [...items] }
}

function addCommand(cli: Cli): Command {
  const command = describedCommand('add', {
    summary: 'Adds a profile, or changes one, and uses it from now on.',
    examples: [
      'esper profile add production --url https://esper.example.com --tenant shop',
      'esper profile add local --url http://127.0.0.1:8080',
    ],
  })
    .argument('<name>', 'what to call it')
    .requiredOption('--url <address>', 'address of esper-server')
    .option('--tenant <slug>', 'slug or id of the tenant')
  return onRun<{ readonly url: string }>(cli, command, async ({ args, flags, session }) => {
    const [name = ''] = args
    if (!NAME.test(name)) {
      throw new CliError(`"${name}" is no name for a profile.`, {
        exitCode: EXIT.usage,
        hint: 'Use letters, digits, ".", "_" and "-", 64 at most.',
      })
    }
    const url = checkedUrl(flags.url)
    const { profiles } = await session.profiles.read()
    const before = ownProfile(profiles, name)
    // Another server must not be shown the token of the one before.
    const token = before?.url === url ? before.operator_token : undefined
    const profile = {
      url,
      ...(flags.tenant === undefined ? {} : { tenant: flags.tenant }),
      ...(token === undefined ? {} : { operator_token: token }),
    }
    await session.profiles.write({ current: name, profiles: { ...profiles, [name]: profile } })
    const next = token === undefined ? ' Sign in: esper auth login --token' : ''
    session.output.record({ name, url, tenant: flags.tenant ?? null }, `Using profile ${name} (${url}).${next}`)
    return undefined
  })
}

function useCommand(cli: Cli): Command {
  const command = describedCommand('use', {
    summary: 'Uses another profile from now on.',
    examples: ['esper profile use production'],
  }).argument('<name>', 'the profile')
  return onRun(cli, command, async ({ args, session: { profiles, output } }) => {
    const [name = ''] = args
    const known = await profiles.read()
    const profile = ownProfile(known.profiles, name)
    if (profile === undefined) throw noSuchProfile(name, Object.keys(known.profiles))
    await profiles.write({ ...known, current: name })
    output.record({ name, url: profile.url }, `Using profile ${name} (${profile.url}).`)
    return undefined
  })
}

function removeCommand(cli: Cli): Command {
  const command = describedCommand('remove', {
    summary: 'Removes a profile with its token.',
    examples: ['esper profile remove staging'],
  }).argument('<name>', 'the profile')
  return onRun(cli, command, async ({ args, session: { profiles, output } }) => {
    const [name = ''] = args
    const { current, profiles: known } = await profiles.read()
    if (ownProfile(known, name) === undefined) throw noSuchProfile(name, Object.keys(known))
    const { [name]: _gone, ...left } = known
    await profiles.write({ current: current === name ? null : current, profiles: left })
    output.record({ name, removed: true }, `Removed profile ${name}.`)
    return undefined
  })
}
