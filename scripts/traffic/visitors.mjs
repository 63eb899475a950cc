import { browserHeaders } from './headers.mjs'
import { ARTICLES, CUSTOMERS, QUESTIONS } from './shop-map.mjs'
import { browserUserAgents } from './user-agents.mjs'

const LANGUAGES = ['en-GB,en;q=0.9', 'de-DE,de;q=0.9,en;q=0.7', 'nl-NL,nl;q=0.9', 'fr-FR,fr;q=0.9', 'en-US,en;q=0.9']
const AT_THE_SAME_TIME = 12

const get = (path) => ({ method: 'GET', path })
const post = (path, form) => ({ method: 'POST', path, form })

/** Ordinary people: a dozen at a time, each with an address, a browser and cookies, on a journey of a few pages. */
export function* visitors(random) {
  let arrived = 0
  const arrive = () => ({ client: person(random, arrived++), journey: journey(random)[Symbol.iterator]() })
  const present = Array.from({ length: AT_THE_SAME_TIME }, arrive)
  while (true) {
    const place = random.below(AT_THE_SAME_TIME)
    let step = present[place].journey.next()
    if (step.done) {
      present[place] = arrive()
      step = present[place].journey.next()
    }
    yield { client: present[place].client, ...step.value }
  }
}

function person(random, number) {
  const address = random.chance(0.2)
    ? `2001:db8:${random.below(65_536).toString(16)}::1`
    : `203.0.113.${1 + random.below(254)}`
  const headers = browserHeaders(random.pick(browserUserAgents), random.pick(LANGUAGES))
  return { id: `visitor-${number}`, address, headers, keepsCookies: true }
}

function journey(random) {
  const steps = [get(random.chance(0.7) ? '/' : '/articles')]
  if (random.chance(0.3)) steps.push(get(`/search?q=${encodeURIComponent(random.pick(QUESTIONS))}`))
  for (let seen = random.below(4); seen >= 0; seen--) steps.push(get(`/articles/${random.pick(ARTICLES)}`))
  if (random.chance(0.25)) steps.push(...signIn(random))
  if (random.chance(0.35)) steps.push(post('/cart', { slug: random.pick(ARTICLES) }), get('/cart'))
  if (random.chance(0.2)) steps.push(post('/checkout', { name: 'A customer' }))
  return steps
}

function signIn(random) {
  const [email, password] = random.pick(CUSTOMERS)
  const mistake = random.chance(0.2) ? [post('/login', { email, password: `${password}!` })] : []
  return [get('/login'), ...mistake, post('/login', { email, password }), get('/account')]
}
