import { randomUUID } from 'node:crypto'
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { CliError } from '../cli-error.js'
import { EXIT } from '../exit-codes.js'
import type { Terminal } from '../terminal.js'

const profileShape = z.strictObject({
  /** Origin of esper-server. */
  url: z.url(),
  /** Id or slug of the tenant that commands are about when they name none. */
  tenant: z.string().optional(),
  /** Sent to `url` and to nobody else. */
  operator_token: z.string().optional(),
})

const fileShape = z.strictObject({
  current: z.string().nullable(),
  profiles: z.record(z.string(), profileShape),
})

export type Profile = z.output<typeof profileShape>
export type Profiles = z.output<typeof fileShape>

const NONE: Profiles = { current: null, profiles: {} }

export interface ProfileStore {
  /** For messages. */
  readonly path: string
  read(): Promise<Profiles>
  /** Readable by its owner alone, and whole or not at all. */
  write(profiles: Profiles): Promise<void>
}

export function createProfileStore(env: Terminal['env']): ProfileStore {
  const folder = configFolder(env)
  const path = join(folder, 'profiles.json')
  return {
    path,
    read: async () => {
      const text = await readIfThere(path)
      return text === undefined ? NONE : parse(text, path)
    },
    write: async (profiles) => {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const fresh = `${path}.${randomUUID()}`
      try {
        await writeFile(fresh, `${JSON.stringify(profiles, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
        // What the umask took away is not what it must not have given.
        await chmod(fresh, 0o600)
        await rename(fresh, path)
      } catch (error) {
        await rm(fresh, { force: true })
        throw error
      }
    },
  }
}

/** `ESPER_CONFIG_HOME`, else the folder the desktop says, else `~/.config/esper`. */
function configFolder({ ESPER_CONFIG_HOME: own, XDG_CONFIG_HOME: desktop, HOME: home }: Terminal['env']): string {
  if (own) return own
  return join(desktop || join(home || homedir(), '.config'), 'esper')
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw new CliError(`${path} cannot be read.`, { exitCode: EXIT.usage, cause: error })
  }
}

function parse(text: string, path: string): Profiles {
  try {
    return fileShape.parse(JSON.parse(text))
  } catch (error) {
    throw new CliError(`${path} is not a file of profiles.`, {
      exitCode: EXIT.usage,
      hint: 'Move it away and add the profiles again: esper profile add <name> --url <address>',
      cause: error,
    })
  }
}
