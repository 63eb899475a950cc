import { isIPv4 } from 'node:net'
import { parseArgs } from 'node:util'

export const HELP = `Usage: npm run traffic -- [options]

Drives the demo shop as the world would: visitors, crawlers, an article scraper, a credential-stuffing run.

  --url URL          the shop (default http://127.0.0.1:8088); only an address of this machine
  --seed N           same seed, same requests (default 1)
  --rate N           requests a second (default 20)
  --duration S       seconds to go on (default 60)
  --requests N       how many requests to send, instead of --duration
  --until-stopped    go on until Ctrl-C
  --json             one line of JSON at the end instead of the table
`

/** A mistake in how the program was called: its message is for the person who called it. */
export class UsageError extends Error {}

export function readOptions(args) {
  const values = parse(args)
  if (values.help) return { help: true }
  const bounds = ['duration', 'requests', 'until-stopped'].filter((name) => values[name] !== undefined)
  if (bounds.length > 1) throw new UsageError(`--${bounds[0]} and --${bounds[1]} exclude each other`)
  const rate = number(values, { name: 'rate', fallback: 20, max: 10_000 })
  const requests = values.requests
    ? number(values, { name: 'requests', fallback: 0, max: 10_000_000, whole: true })
    : Math.ceil(rate * number(values, { name: 'duration', fallback: 60, max: 86_400 }))
  return {
    url: loopbackUrl(values.url ?? 'http://127.0.0.1:8088'),
    seed: number(values, { name: 'seed', fallback: 1, min: 0, max: 4_294_967_295, whole: true }),
    rate,
    requests: values['until-stopped'] ? Number.POSITIVE_INFINITY : requests,
    json: values.json ?? false,
  }
}

function parse(args) {
  try {
    const text = { type: 'string' }
    const flag = { type: 'boolean' }
    const options = { url: text, seed: text, rate: text, duration: text, requests: text }
    return parseArgs({ args, options: { ...options, 'until-stopped': flag, json: flag, help: flag } }).values
  } catch (error) {
    throw new UsageError(error.message)
  }
}

function number(values, { name, fallback, min = 0.001, max, whole = false }) {
  if (values[name] === undefined) return fallback
  const value = Number(values[name])
  const fits = values[name].trim() !== '' && value >= (whole ? Math.ceil(min) : min) && value <= max
  if (!fits || (whole && !Number.isInteger(value))) {
    const kind = whole ? `a whole number from ${Math.ceil(min)}` : 'a number above 0, up'
    throw new UsageError(`--${name} takes ${kind} to ${max}, not "${values[name]}"`)
  }
  return value
}

/** This program pretends to be an attacker: it is for one's own machine and for nothing else. */
function loopbackUrl(text) {
  if (!URL.canParse(text)) throw new UsageError(`--url "${text}" is not a URL`)
  const url = new URL(text)
  if (url.protocol !== 'http:') throw new UsageError(`--url takes an http: URL, not "${text}"`)
  const { hostname } = url
  const loopback = hostname === 'localhost' || hostname === '[::1]' || (isIPv4(hostname) && hostname.startsWith('127.'))
  if (!loopback) {
    throw new UsageError(
      `--url must name this machine (localhost, 127.0.0.1 or [::1]), not "${hostname}": this is attack traffic`,
    )
  }
  return url
}
