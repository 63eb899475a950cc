import { type Command, Option as CommanderOption } from 'commander'
import { OPTION_KEYS } from '../config/load-config.js'
import type { Option } from '../config/option.js'
import { OPTIONS, type OptionKey } from '../config/options.js'

/** Adds `--config` and a flag for each option that has one and that `wanted` lets through. */
export function addOptionFlags(command: Command, wanted: (key: OptionKey) => boolean = () => true): Command {
  command.option('--config <path>', 'JSON file with options by key (ESPER_CONFIG)')
  for (const key of OPTION_KEYS.filter(wanted)) {
    const option: Option<unknown> = OPTIONS[key]
    if (option.flag === undefined) continue
    const shown = option.defaultText ?? String(option.default)
    command.addOption(
      new CommanderOption(
        `--${option.flag} <value>`,
        `${option.doc} (${option.env}; default: ${shown})`.replaceAll('`', ''),
      ),
    )
  }
  return command
}

/** What was given on the command line, by option key. */
export function givenFlags(command: Command): Partial<Record<OptionKey, string>> {
  const given: Partial<Record<OptionKey, string>> = {}
  const values: Readonly<Record<string, unknown>> = command.opts()
  for (const key of OPTION_KEYS) {
    const option: Option<unknown> = OPTIONS[key]
    if (option.flag === undefined) continue
    const value = values[camelCase(option.flag)]
    if (typeof value === 'string') given[key] = value
  }
  return given
}

export function givenConfigFile(command: Command): string | undefined {
  const { config }: Readonly<Record<string, unknown>> = command.opts()
  return typeof config === 'string' ? config : undefined
}

function camelCase(flag: string): string {
  return flag.replaceAll(/-([a-z])/g, (_match, letter: string) => letter.toUpperCase())
}
