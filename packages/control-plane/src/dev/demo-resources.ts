import type { ApiRecord } from '../clients/operator-client.js'

/**
 * What the demo tenant says about the demo shop, in the words a newcomer would use: every mitigation starts in Monitor,
 * so that nothing is enforced before somebody has seen what would have happened.
 */
export const DEMO_TENANT = { name: 'Demo shop', slug: 'demo-shop' } as const
export const DEMO_API_KEY = { name: 'Demo shop application', source_id: 'web', trust_level: 'Internal' } as const

export const DEMO_ACTIONS: readonly ApiRecord[] = [
  {
    name: 'login',
    description: 'Somebody sends the login form.',
    enabled: true,
    expression: 'request_method = "POST" and request_path = "/login"',
  },
  {
    name: 'view_article',
    description: 'Somebody opens one article.',
    enabled: true,
    expression: 'request_method = "GET" and $contains(request_path, /^\\/articles\\/[^\\/]+$/)',
  },
  {
    name: 'checkout',
    description: 'Somebody sends an order.',
    enabled: true,
    expression: 'request_method = "POST" and request_path = "/checkout"',
  },
]

export const DEMO_ENTITY_DEFINITIONS: readonly ApiRecord[] = [
  {
    name: 'client-address',
    description: 'Everything that comes from one address, whatever it calls itself.',
    enabled: true,
    priority: 100,
    key_fields: ['client_ip'],
  },
]

const MONITOR = { enabled: true, mode: 'Monitor', duration_seconds: 300, scope: 'policy', fail_mode: 'open' } as const

export const DEMO_MITIGATIONS: readonly ApiRecord[] = [
  { ...MONITOR, name: 'Login protection', description: 'What meets an address that tries many passwords.' },
  { ...MONITOR, name: 'Scraper protection', description: 'What meets a client that reads the shop empty.' },
  { ...MONITOR, name: 'Crawler log', description: 'Known crawlers are welcome; we only want to see them.' },
]

/** A policy that names what it needs; `setUpDemo` turns the names into ids. */
export interface DemoPolicy {
  readonly name: string
  readonly description: string
  readonly priority: number
  readonly expression: string
  readonly actions: readonly string[]
  readonly entity: string
  readonly mitigation: string
  readonly window?: { readonly seconds: number; readonly threshold: number }
}

export const DEMO_POLICIES: readonly DemoPolicy[] = [
  {
    name: 'Credential stuffing',
    description: 'One address sends the login form more often than a person who forgot a password.',
    priority: 10,
    expression: 'true',
    actions: ['login'],
    entity: 'client-address',
    mitigation: 'Login protection',
    window: { seconds: 60, threshold: 10 },
  },
  {
    name: 'Article scraping',
    description: 'One client opens articles faster than anybody reads.',
    priority: 20,
    expression: 'true',
    actions: ['view_article'],
    entity: 'ip-user-agent',
    mitigation: 'Scraper protection',
    window: { seconds: 60, threshold: 30 },
  },
  {
    name: 'Known crawlers',
    description: 'Search engines and other crawlers that say who they are.',
    priority: 30,
    expression: 'request_method in ["GET", "HEAD"]',
    actions: [],
    entity: 'bot-crawlers',
    mitigation: 'Crawler log',
  },
]
