import { OPTION_KEYS } from './load-config.js'
import type { Option } from './option.js'
import { OPTIONS } from './options.js'

/** The table of all options as Markdown. */
export function documentOptions(): string {
  const rows = OPTION_KEYS.map((key) => {
    const option: Option<unknown> = OPTIONS[key]
    const flag = option.flag === undefined ? '' : `\`--${option.flag}\``
    return `| \`${option.env}\` | ${flag} | \`${key}\` | ${option.type} | ${defaultOf(option)} | ${meaningOf(option)} |`
  })
  return ['| Environment | Flag | File | Type | Default | Meaning |', '|---|---|---|---|---|---|', ...rows].join('\n')
}

function defaultOf({ defaultText, default: value }: Option<unknown>): string {
  if (defaultText !== undefined) return defaultText
  return value === '' || (Array.isArray(value) && value.length === 0) ? '' : `\`${String(value)}\``
}

function meaningOf({ doc, secret, requiredBy }: Option<unknown>): string {
  const required = requiredBy === undefined ? '' : ` Required by: ${requiredBy.join(', ')}.`
  return `${doc}${required}${secret === true ? ' Secret.' : ''}`
}
