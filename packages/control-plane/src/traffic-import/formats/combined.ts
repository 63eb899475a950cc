import { type LogFormat, type ParsedLine, unreadable } from './log-format.js'
import { parseCommonLogTime } from './log-time.js'
import { parseRequestLine, requestFields } from './request-fields.js'

const QUOTED = '"((?:[^"\\\\]|\\\\.)*)"'
/** Apache's and nginx's common and combined log, with a virtual host before it or more columns behind it. */
const LINE = new RegExp(
  `^(?:(\\S+) )?(\\S+) \\S+ (\\S+) \\[([^\\]]+)\\] ${QUOTED} (\\d{3}) (?:\\d+|-)(?: ${QUOTED} ${QUOTED})?`,
)

const COMMON = ['request_method', 'request_path', 'query.*', 'client_ip', 'user_id', 'response_status']
const COMBINED = [...COMMON, 'user_agent', 'referer', 'headers.user-agent', 'headers.referer']
const WITH_HOST = ['request_host', 'headers.host']

/** `203.0.113.7 - - [10/Oct/2026:13:55:36 +0000] "GET / HTTP/1.1" 200 512 "referer" "agent"`. */
export const combinedFormat: LogFormat = {
  name: 'combined',
  parse(line): ParsedLine {
    const parts = LINE.exec(line)
    if (parts === null) return unreadable('it is not a line of a common or combined log')
    const [, host, clientIp, user, time = '', requestLine = '', status, referer, userAgent] = parts
    const observedAt = parseCommonLogTime(time)
    if (observedAt === undefined) return unreadable(`its time is none: ${time.slice(0, 40)}`)
    const request = parseRequestLine(unescaped(requestLine))
    if (request === undefined) return unreadable('it has no request: what came was not HTTP')
    const fields = requestFields({
      ...request,
      host: said(host),
      clientIp: said(clientIp),
      userId: said(user),
      status: Number(status),
      referer: said(referer),
      userAgent: said(userAgent),
    })
    return { ok: true, record: { observedAt, fields, sees: seesOf(host, userAgent) } }
  },
}

function seesOf(host: string | undefined, userAgent: string | undefined): readonly string[] {
  const sees = userAgent === undefined ? COMMON : COMBINED
  return host === undefined ? sees : (SEES_WITH_HOST.get(sees) ?? sees)
}

const SEES_WITH_HOST = new Map([COMMON, COMBINED].map((sees) => [sees, [...sees, ...WITH_HOST]]))

/** A dash stands for nothing. */
function said(text: string | undefined): string | undefined {
  return text === undefined || text === '-' || text === '' ? undefined : unescaped(text)
}

/** What Apache and nginx escape: quotes, backslashes, control characters and bytes beyond ASCII as `\xHH`. */
function unescaped(text: string): string {
  if (!text.includes('\\')) return text
  const plain = text
    .replace(/\\(["\\])/g, '$1')
    .replace(/\\t/g, '\t')
    .replace(/\\[nr]/g, ' ')
  return plain.replace(/(?:\\x[0-9a-fA-F]{2})+/g, (bytes) =>
    Buffer.from(bytes.replaceAll('\\x', ''), 'hex').toString('utf8'),
  )
}
