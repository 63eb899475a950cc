/** Six predicates of the kind policies are made of, with the closure someone would write by hand. */
export const PREDICATES = [
  { source: 'request_path = "/login"', byHand: (f) => f.request_path === '/login' },
  {
    source: 'request_method = "POST" and $contains(request_path, /^\\/login/)',
    byHand: (f) => f.request_method === 'POST' && /^\/login/.test(f.request_path),
  },
  {
    source: 'request_method in ["POST", "PUT", "PATCH"] and request_path != "/health"',
    byHand: (f) =>
      (f.request_method === 'POST' || f.request_method === 'PUT' || f.request_method === 'PATCH') &&
      f.request_path !== '/health',
  },
  {
    source: '$contains($lowercase(user_agent), "curl") or $contains(user_agent, /python-requests/)',
    byHand: (f) =>
      f.user_agent !== undefined &&
      (f.user_agent.toLowerCase().includes('curl') || /python-requests/.test(f.user_agent)),
  },
  {
    source: 'body.amount > 100 and body.currency = "EUR"',
    byHand: (f) => typeof f.body?.amount === 'number' && f.body.amount > 100 && f.body.currency === 'EUR',
  },
  {
    source: '$exists(headers."accept-language") and query.page = "2"',
    byHand: (f) => f.headers?.['accept-language'] !== undefined && f.query?.page === '2',
  },
]

const AGENTS = ['Mozilla/5.0 (X11; Linux x86_64) Firefox/150.0', 'curl/8.5.0', 'python-requests/2.32', 'Googlebot/2.1']

/** Sixty-four requests; a quarter of them to a path that some policy names. */
export const EVENTS = Array.from({ length: 64 }, (_, index) =>
  JSON.parse(
    JSON.stringify({
      request_method: ['GET', 'POST', 'GET', 'PUT'][index % 4],
      request_path: index % 4 === 1 ? `/page/${index % 50}` : ['/login', '/assets/app.js', '/v2/items/77'][index % 3],
      client_ip: `203.0.113.${index}`,
      user_agent: AGENTS[index % AGENTS.length],
      headers: index % 2 === 0 ? { accept: '*/*', 'accept-language': 'en' } : { accept: '*/*' },
      query: { page: String(index % 5) },
      body: { amount: index * 5, currency: index % 2 === 0 ? 'EUR' : 'USD' },
    }),
  ),
)

const fact = (name, operator, value, path) => ({ fact: name, operator, value, ...(path && { path }) })
const POST = fact('request_method', 'equal', 'POST')
const GET = fact('request_method', 'equal', 'GET')

const KINDS = [
  (n) => ({
    source: `request_method = "POST" and request_path = "/page/${n}"`,
    byHand: (f) => f.request_method === 'POST' && f.request_path === `/page/${n}`,
    cel: `request_method == "POST" && request_path == "/page/${n}"`,
    rule: [POST, fact('request_path', 'equal', `/page/${n}`)],
  }),
  (n) => ({
    source: `request_path in ["/a/${n}", "/b/${n}", "/page/${n}"]`,
    byHand: (f) => f.request_path === `/a/${n}` || f.request_path === `/b/${n}` || f.request_path === `/page/${n}`,
    cel: `request_path in ["/a/${n}", "/b/${n}", "/page/${n}"]`,
    rule: [fact('request_path', 'in', [`/a/${n}`, `/b/${n}`, `/page/${n}`])],
  }),
  (n) => {
    const pattern = new RegExp(`^\\/v${n}\\/items\\/`)
    return {
      source: `request_method = "GET" and $contains(request_path, /^\\/v${n}\\/items\\//)`,
      byHand: (f) => f.request_method === 'GET' && pattern.test(f.request_path),
      cel: `request_method == "GET" && request_path.matches("^/v${n}/items/")`,
      rule: [GET, fact('request_path', 'matches', pattern.source)],
    }
  },
  (n) => ({
    source: `query.page = "${n}" and $exists(headers."accept-language")`,
    byHand: (f) => f.query?.page === String(n) && f.headers?.['accept-language'] !== undefined,
    cel: `query.page == "${n}" && "accept-language" in headers`,
    rule: [fact('query', 'equal', String(n), '$.page'), fact('headers', 'notEqual', undefined, '$.accept-language')],
  }),
  (n) => ({
    source: `request_path = "/login" and body.amount > ${n * 10}`,
    byHand: (f) => f.request_path === '/login' && typeof f.body?.amount === 'number' && f.body.amount > n * 10,
    cel: `request_path == "/login" && body.amount > ${n * 10}`,
    rule: [fact('request_path', 'equal', '/login'), fact('body', 'greaterThan', n * 10, '$.amount')],
  }),
]

/**
 * So many policies: of ten, eight name a path or value, one a prefix of its path, one looks into every user agent. Each
 * is said in JSONata, by hand, in CEL and as conditions of json-rules-engine that all have to hold.
 */
export function policies(count) {
  return Array.from({ length: count }, (_, index) => {
    if (index % 10 !== 9) return KINDS[index % KINDS.length](index)
    const pattern = new RegExp(`bot-${index}`, 'i')
    return {
      source: `$contains(user_agent, /bot-${index}/i)`,
      byHand: (f) => f.user_agent !== undefined && pattern.test(f.user_agent),
      cel: `user_agent.lowerAscii().contains("bot-${index}")`,
      rule: [fact('user_agent', 'matchesAnyCase', pattern.source)],
    }
  })
}
