import { createOperatorClient, type OperatorClient } from '../../clients/operator-client.js'
import { CliError } from '../cli-error.js'
import { EXIT } from '../exit-codes.js'
import type { Profile, ProfileStore } from '../profile/profile-store.js'
import type { Terminal } from '../terminal.js'
import { VERSION } from '../version.js'

export interface ConnectionFlags {
  readonly profile?: string
  readonly url?: string
  readonly tenant?: string
}

/** Where commands go, and as whom. */
export interface Target {
  readonly url: string
  readonly operatorToken: string | undefined
  readonly tenant: string | undefined
  /** The profile it comes from. */
  readonly profile: string | undefined
}

export interface FindTarget {
  readonly flags: ConnectionFlags
  readonly env: Terminal['env']
  readonly store: ProfileStore
}

/** A flag beats the environment, the environment beats the profile. */
export async function findTarget({ flags, env, store }: FindTarget): Promise<Target> {
  const { name, profile } = await chosenProfile(flags.profile ?? env.ESPER_PROFILE, store)
  const url = checkedUrl(flags.url ?? env.ESPER_URL ?? profile?.url)
  // A profile's token is for its own server: another address must not get it.
  const own = profile !== undefined && new URL(profile.url).origin === url
  return {
    url,
    operatorToken: env.ESPER_OPERATOR_TOKEN || (own ? profile.operator_token : undefined),
    tenant: flags.tenant ?? env.ESPER_TENANT ?? (own ? profile.tenant : undefined),
    profile: own ? name : undefined,
  }
}

export function clientOf({ url, operatorToken }: Target): OperatorClient {
  if (operatorToken === undefined) {
    throw new CliError(`You are not signed in at ${url}.`, {
      exitCode: EXIT.notAllowed,
      code: 'unauthenticated',
      hint: 'Sign in with an operator token: esper auth login --token. Or set ESPER_OPERATOR_TOKEN.',
    })
  }
  return createOperatorClient({ apiUrl: url, operatorToken, userAgent: `esper-cli/${VERSION}` })
}

interface Chosen {
  readonly name: string | undefined
  readonly profile: Profile | undefined
}

async function chosenProfile(asked: string | undefined, store: ProfileStore): Promise<Chosen> {
  const { current, profiles } = await store.read()
  const name = asked || current || undefined
  const profile = name === undefined ? undefined : ownProfile(profiles, name)
  if (asked && profile === undefined) throw noSuchProfile(asked, Object.keys(profiles))
  return { name, profile }
}

export function ownProfile(profiles: Readonly<Record<string, Profile>>, name: string): Profile | undefined {
  return Object.hasOwn(profiles, name) ? profiles[name] : undefined
}

export function noSuchProfile(name: string, known: readonly string[]): CliError {
  return new CliError(`There is no profile "${name}".`, {
    exitCode: EXIT.usage,
    hint: known.length === 0 ? 'Add one: esper profile add <name> --url <address>' : `There are: ${known.join(', ')}.`,
  })
}

/** The origin of esper-server. */
export function checkedUrl(given: string | undefined): string {
  if (!given) {
    throw new CliError('No server is named.', {
      exitCode: EXIT.usage,
      hint: 'Add a profile: esper profile add <name> --url <address>. Or give --url, or set ESPER_URL.',
    })
  }
  if (!URL.canParse(given) || !/^https?:$/.test(new URL(given).protocol)) {
    throw new CliError(`"${given}" is not the address of a server.`, {
      exitCode: EXIT.usage,
      hint: 'An address begins with https:// or http://, for example https://esper.example.com',
    })
  }
  return new URL(given).origin
}

/** Whether what is sent there can be read on the way. */
export function isInTheClear(url: string): boolean {
  const { protocol, hostname } = new URL(url)
  return protocol === 'http:' && !/^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname)
}
