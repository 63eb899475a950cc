import type { Command } from 'commander'
import { type Cli, describedCommand, onApiRun } from '../client/api-command.js'
import { durationSeconds } from '../duration.js'
import { findResource, pathOf } from './names.js'
import type { ResourceSpec } from './resource-spec.js'
import { printShownOnce } from './write.js'

interface RotateFlags {
  readonly overlap?: string
  readonly env?: boolean
}

/** `esper key rotate`: what only this resource has. */
export function rotateCommand(cli: Cli, spec: ResourceSpec): Command {
  const command = describedCommand('rotate', {
    summary: 'Issues a new secret; the one before goes on working for the overlap.',
    details: 'Give the new key id and secret to every instance of the application before the overlap is over.',
    examples: [
      'esper key rotate "Web application"',
      'esper key rotate "Web application" --overlap 1h --env > .env.esper',
      'esper key rotate "Web application" --overlap 0   # after a leak',
    ],
  })
    .argument('<key>', 'name or id')
    .option('--overlap <duration>', 'how long, such as 90s, 30m, 24h or 7d; 24h unless given')
    .option('--env', 'print lines for an environment file and nothing else')
  return onApiRun<RotateFlags>(cli, command, async ({ args, flags, session }) => {
    const record = await findResource(spec, args[0] ?? '', session)
    const path = `${await pathOf(spec, session)}/${String(record[spec.idField])}/rotate`
    const body = flags.overlap === undefined ? {} : { overlap_seconds: durationSeconds(flags.overlap) }
    const rotated = await (await session.client()).post(path, body)
    await printShownOnce(spec, rotated, { text: `New secret of "${String(record.name)}".`, env: flags.env }, session)
    return undefined
  })
}
