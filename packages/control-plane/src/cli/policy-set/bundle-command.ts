import { writeFile } from 'node:fs/promises'
import { formatLocalBundle, TRUST_LEVELS, type TrustLevel } from '@esper/core'
import { Command, Option } from 'commander'
import { CliError } from '../cli-error.js'
import { type Cli, describedCommand, onRun } from '../client/api-command.js'
import { EXIT } from '../exit-codes.js'

interface BuildFlags {
  readonly out: string
  readonly sourceId: string
  readonly trustLevel: TrustLevel
}

/** `esper bundle build`: a file that an SDK decides with where there is no control plane. */
export function bundleCommand(cli: Cli): Command {
  const command = describedCommand('build', {
    summary: 'Makes a bundle for the SDK out of a policy set file, without a server.',
    details: "The SDK takes it by createEsper({ bundle: 'esper.bundle.json' }) or ESPER_BUNDLE.",
    examples: ['esper bundle build esper.yaml', 'esper bundle build esper.yaml --out web.bundle.json --source-id web'],
  })
    .argument('<file>', 'the policy set; "-" reads it from standard input')
    .option('--out <file>', 'where to write the bundle; "-" is standard output', 'esper.bundle.json')
    .option('--source-id <id>', 'source that events of the application are of', 'local')
    .addOption(
      new Option('--trust-level <level>', 'trust level of the source').choices([...TRUST_LEVELS]).default('Internal'),
    )
  onRun<BuildFlags>(cli, command, async ({ args, flags, session }) => {
    const { readPolicySet, withPlaces } = await import('./read-policy-set.js')
    const { compileOffline } = await import('./offline.js')
    const { document, policySet } = await readPolicySet(args[0] ?? '', session.terminal)
    const now = new Date()
    const content = await withPlaces(document, () => compileOffline(policySet, now))
    if (content === undefined || (content.lists ?? []).length > 0) throw needsLists(document.file)
    const { sourceId: source_id, trustLevel: trust_level } = flags
    const text = formatLocalBundle({ ...content, source_id, trust_level, built_at: now.getTime() })
    if (flags.out === '-') session.terminal.stdout.write(text)
    else {
      await writeFile(flags.out, text)
      const policies = content.policies.length
      session.output.record({ file: flags.out, policies }, `Wrote ${flags.out}: ${policies} policies.`)
    }
    return undefined
  })
  return new Command('bundle').description('Bundles for SDKs that decide without a control plane.').addCommand(command)
}

function needsLists(file: string): CliError {
  return new CliError(`${file} looks values up in lists, which a local bundle cannot carry.`, {
    exitCode: EXIT.refused,
    code: 'lists_in_local_bundle',
    hint: 'Write the values into the expressions, or run with a control plane.',
  })
}
