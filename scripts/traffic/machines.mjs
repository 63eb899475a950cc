import { crawlerHeaders, disguisedHeaders } from './headers.mjs'
import { ARTICLES, CUSTOMERS } from './shop-map.mjs'
import { browserUserAgents, crawlerUserAgents } from './user-agents.mjs'

const CRAWLERS = 10
const STUFFING_ADDRESSES = 4
const PAGES = ['/', '/articles', '/robots.txt', ...ARTICLES.map((slug) => `/articles/${slug}`)]

/** Known crawlers, each under its own name, reading whatever is linked. */
export function* crawlers(random) {
  const clients = Array.from({ length: CRAWLERS }, (_, number) => ({
    id: `crawler-${number}`,
    address: `198.51.100.${10 + number}`,
    headers: crawlerHeaders(random.pick(crawlerUserAgents)),
    keepsCookies: false,
  }))
  while (true) yield { client: random.pick(clients), method: 'GET', path: random.pick(PAGES) }
}

/** One client that reads every article, over and over, as fast as it may. */
export function* scraper(random) {
  const client = {
    id: 'scraper',
    address: '192.0.2.66',
    headers: disguisedHeaders(random.pick(browserUserAgents)),
    keepsCookies: false,
  }
  while (true) for (const slug of ARTICLES) yield { client, method: 'GET', path: `/articles/${slug}` }
}

/** A list of stolen passwords tried against the login form from a few addresses; now and then one of them fits. */
export function* stuffing(random) {
  const headers = disguisedHeaders(random.pick(browserUserAgents))
  const clients = Array.from({ length: STUFFING_ADDRESSES }, (_, number) => ({
    id: `stuffing-${number}`,
    address: `192.0.2.${20 + number}`,
    headers,
    keepsCookies: false,
  }))
  for (let tried = 0; ; tried++) {
    const [email, password] = random.chance(0.02) ? random.pick(CUSTOMERS) : stolen(random)
    yield { client: clients[tried % clients.length], method: 'POST', path: '/login', form: { email, password } }
  }
}

function stolen(random) {
  const number = random.below(100_000)
  return [`user${number}@example.net`, `hunter${number % 997}`]
}
