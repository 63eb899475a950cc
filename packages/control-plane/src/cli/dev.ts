import { createInterface } from 'node:readline'
import { Command } from 'commander'
import { readEnvironment } from '../config/environment.js'
import { loadConfig } from '../config/load-config.js'
import type { Config } from '../config/options.js'
import { onStopRequest } from '../runtime/signals.js'
import { createDevOutput } from './dev/dev-output.js'
import { type DevOptions, DevProcesses, type DevSession, startDevSession } from './dev/dev-session.js'
import { addOptionFlags, givenConfigFile, givenFlags } from './option-flags.js'
import { EXIT_CONFIG, printError, printProblems } from './run-service.js'

interface DevFlags {
  readonly json: boolean
  readonly verbose: boolean
  readonly demo: boolean
  readonly traffic: boolean
}

/** `esper dev`: the whole product on one's own machine. */
export function devCommand(): Command {
  const command = new Command('dev')
    .description('Runs everything on this machine: database, services, demo application and its traffic.')
    .option('--json', 'print one machine-readable line on standard output when ready', false)
    .option('--verbose', 'show all that the services log', false)
    .option('--no-demo', 'without the demo application')
    .option('--no-traffic', 'without traffic to the demo application')
    .addHelpText('after', HELP)
  return addOptionFlags(command).action(async (flags: DevFlags, given: Command) => {
    const env = readEnvironment()
    const loaded = loadConfig({
      flags: givenFlags(given),
      env: { ...env, ESPER_DEV_LOGIN: 'true' },
      file: givenConfigFile(given),
    })
    if (!loaded.ok) {
      printProblems('esper dev', loaded.problems)
      process.exit(EXIT_CONFIG)
    }
    process.exit(await runDev(loaded.config, { flags, env }))
  })
}

const HELP = `
Examples:
  esper dev
  esper dev --json --no-traffic

Exit codes:
  0  it was stopped
  1  something could not start, or ended by itself; it is said what
  2  the configuration cannot be used`

interface RunDev {
  readonly flags: DevFlags
  readonly env: DevOptions['env']
}

/** Runs until it is stopped or something ends by itself. Resolves with the exit code. */
async function runDev(config: Config, { flags, env }: RunDev): Promise<number> {
  const startedAt = performance.now()
  const { json, verbose, demo, traffic } = flags
  const output = createDevOutput({ home: config.dataDir, verbose, toStderr: json, quiet: ['traffic'] })
  const processes = new DevProcesses()
  const stopRequested = new Promise<'asked'>((resolve) => onStopRequest(() => resolve('asked')))
  const program = process.argv[1] ?? ''
  const starting = startDevSession({ config, env, program, demo, traffic, output }, processes)
  let exitCode = 0
  try {
    const first = await Promise.race([starting, stopRequested])
    if (first !== 'asked') {
      const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1)
      announce(first, { json, output, seconds })
      const end = await Promise.race([processes.firstEnd, stopRequested])
      if (end !== 'asked') throw new Error(`${end}; stopping everything. All logs are in ${output.logFolder}.`)
    }
  } catch (error) {
    printError('esper dev', error)
    exitCode = 1
  }
  output.say('stopping')
  await processes.stop()
  output.say('stopped')
  return exitCode
}

interface Announce {
  readonly json: boolean
  readonly output: DevOptions['output']
  readonly seconds: string
}

function announce({ report, newLoginLink }: DevSession, { json, output, seconds }: Announce): void {
  if (json) {
    process.stdout.write(`${JSON.stringify(report)}\n`)
    return
  }
  const lines = [
    '',
    `Esper is ready (${seconds} s).`,
    `  Sign in    ${report.login_url}  (works once)`,
    `  Console    ${report.console_url}`,
    ...(report.demo_url === null ? [] : [`  Demo shop  ${report.demo_url}`]),
    `  Database   ${report.database}`,
    `  Logs       ${output.logFolder}`,
    '',
    process.stdin.isTTY ? 'Enter gives a new sign-in link, Ctrl-C stops everything.' : 'Ctrl-C stops everything.',
  ]
  for (const line of lines) output.say(line)
  if (!process.stdin.isTTY) return
  createInterface({ input: process.stdin }).on('line', () => {
    newLoginLink().then(
      (link) => output.say(`  Sign in    ${link}  (works once)`),
      (error: unknown) => printError('esper dev', error),
    )
  })
}
