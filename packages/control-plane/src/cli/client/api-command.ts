import { Command, Option } from 'commander'
import type { OperatorClient } from '../../clients/operator-client.js'
import { EXIT, EXIT_MEANINGS, type ExitCode } from '../exit-codes.js'
import { createOutput, OUTPUT_FORMATS, type Output, type OutputFormat } from '../output/output.js'
import { createProfileStore, type ProfileStore } from '../profile/profile-store.js'
import { reportError } from '../report-error.js'
import type { Terminal } from '../terminal.js'
import { type ConnectionFlags, clientOf, findTarget, type Target } from './connection.js'
import { tenantIdOf } from './tenant.js'

/** What commands are run with, and where they leave how they ended. */
export interface Cli {
  readonly terminal: Terminal
  end(exitCode: ExitCode): void
}

export interface CommonFlags extends ConnectionFlags {
  readonly output?: OutputFormat
}

/** What a command works with. Nothing is looked up before it is asked for. */
export interface Session {
  readonly terminal: Terminal
  readonly output: Output
  readonly profiles: ProfileStore
  target(): Promise<Target>
  client(): Promise<OperatorClient>
  tenantId(): Promise<string>
}

export interface Call<Flags> {
  readonly args: readonly string[]
  readonly flags: Flags
  readonly session: Session
}

export interface CommandText {
  readonly summary: string
  /** What the summary leaves open. */
  readonly details?: string
  /** At least one line as it would be typed. */
  readonly examples: readonly string[]
}

/** A command with help: what it is for, examples, exit codes. */
export function describedCommand(name: string, { summary, details, examples }: CommandText): Command {
  const parts = [
    ...(details === undefined ? [] : [`\n${details}`]),
    `\nExamples:\n${examples.map((line) => `  ${line}`).join('\n')}`,
    `\nExit codes:\n${EXIT_MEANINGS.map(([code, meaning]) => `  ${code}  ${meaning}`).join('\n')}`,
  ]
  return new Command(name).description(summary).addHelpText('after', parts.join('\n'))
}

const CONNECTION: readonly (readonly [string, string])[] = [
  ['--profile <name>', 'the profile to use (ESPER_PROFILE)'],
  ['--url <address>', 'address of esper-server (ESPER_URL)'],
  ['--tenant <slug>', 'slug or id of the tenant (ESPER_TENANT)'],
]

/** A command that speaks with the operator API. */
export function onApiRun<Flags extends object>(cli: Cli, command: Command, run: Run<Flags>): Command {
  for (const [flags, meaning] of CONNECTION) command.addOption(new Option(flags, meaning).helpGroup('Connection:'))
  return onRun(cli, command, run)
}

type Run<Flags> = (call: Call<CommonFlags & Flags>) => Promise<ExitCode | undefined>

/** What a command does. Whatever it throws is said, and gives the exit code. */
export function onRun<Flags extends object>({ terminal, end }: Cli, command: Command, run: Run<Flags>): Command {
  const output = new Option(
    '-o, --output <format>',
    'table for people, json and ndjson for programs; json off a terminal',
  )
  command.addOption(output.choices([...OUTPUT_FORMATS]).helpGroup('Output:'))
  return command.action(async () => {
    const flags = command.opts<CommonFlags & Flags>()
    const session = createSession(terminal, flags)
    try {
      end((await run({ args: command.args, flags, session })) ?? EXIT.done)
    } catch (error) {
      const json = flags.output === 'json' || flags.output === 'ndjson'
      end(reportError(error, terminal, { command: fullName(command), json }))
    }
  })
}

export function fullName(command: Command): string {
  return command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`
}

function createSession(terminal: Terminal, flags: CommonFlags): Session {
  const format = flags.output ?? (terminal.stdout.isTTY === true ? 'table' : 'json')
  const profiles = createProfileStore(terminal.env)
  const target = once(() => findTarget({ flags, env: terminal.env, store: profiles }))
  const client = once(async () => clientOf(await target()))
  const tenantId = once(async () => tenantIdOf(await client(), (await target()).tenant))
  return { terminal, output: createOutput(terminal, format), profiles, target, client, tenantId }
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined
  return () => {
    result ??= work()
    return result
  }
}
