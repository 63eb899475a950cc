import type { Command } from 'commander'
import { readEnvironment } from '../config/environment.js'
import { loadConfig } from '../config/load-config.js'
import { scrubText } from '../observability/redact.js'
import type { Role } from '../runtime/role.js'
import { runRole } from '../runtime/run-role.js'
import { givenConfigFile, givenFlags } from './option-flags.js'
import { ROLE_LOADERS } from './roles.js'

export const EXIT_CONFIG = 2

/** Runs one service with what the command line, the environment and the file say, and ends the process with it. */
export async function runService(role: Role, command: Command): Promise<void> {
  const loaded = loadConfig({
    role,
    flags: givenFlags(command),
    env: readEnvironment(),
    file: givenConfigFile(command),
  })
  if (!loaded.ok) {
    printProblems(role, loaded.problems)
    process.exit(EXIT_CONFIG)
  }
  try {
    const createModules = await ROLE_LOADERS[role]()
    process.exit(await runRole({ role, config: loaded.config, createModules }))
  } catch (error) {
    printError(role, error)
    process.exit(1)
  }
}

export function printProblems(name: string, problems: readonly string[]): void {
  process.stderr.write(`${name}: the configuration has ${problems.length === 1 ? 'a problem' : 'problems'}:\n`)
  for (const problem of problems) process.stderr.write(`  - ${scrubText(problem)}\n`)
}

export function printError(name: string, error: unknown): void {
  process.stderr.write(`${name}: ${scrubText(error instanceof Error ? error.message : String(error))}\n`)
}
