/** Starter documents, as `create --template` prints them. Each can be created as it stands, but for what it names. */
export const TEMPLATES = {
  tenant: `name: Shop
# a-z, 0-9 and "-"; made from the name when left out.
slug: shop
# on | monitor: record everything and enforce nothing.
enforcement: on
# How many days events are kept.
retention_days: 30
# Fields that are captured although no policy reads them, for example headers.x-app-version.
watch_fields: []
# Cookies that are carried in clear, so that expressions may compare them.
clear_cookies: []
`,
  key: `name: Web application
# One source has as many keys as you like; Results and limits are by source.
source_id: web
# External counts alone. Internal and Trusted sources of the tenant count together: a team's own application is Internal.
trust_level: Internal
`,
  token: `name: ci
# Owner | Admin | Analyst | Viewer: the most it may do; never more than you may.
role: Viewer
# It ends after so many days, 366 at most.
ttl_days: 90
`,
  action: `name: login
description: Somebody sends the login form.
enabled: true
expression: request_method = "POST" and request_path = "/login"
`,
  entity: `name: client-address
description: Everything that comes from one address, whatever it calls itself.
enabled: true
# Lower comes first where several could be shown.
priority: 100
key_fields: [client_ip]
# Concerns only requests for which this holds; null for all.
match_expression: null
`,
  mitigation: `name: Login protection
description: What meets an address that tries many passwords.
enabled: true
# Monitor | Challenge | Block
mode: Monitor
duration_seconds: 300
# policy: only requests that the policy matches. entity: every request of that entity.
scope: policy
# open | closed: what holds once the bundle is too old.
fail_mode: open
`,
  policy: `name: Credential stuffing
description: One address sends the login form more often than a person who forgot a password.
enabled: true
# Lower is looked at first.
priority: 100
expression: request_method = "POST" and request_path = "/login"
# Names of actions that must all have matched; [] asks for none.
actions: []
# Name of an entity definition: who is counted.
entity_definition: ip-user-agent
# Name of a mitigation; null only observes.
mitigation: null
# At least so many in so many seconds; null holds at once.
window:
  seconds: 60
  threshold: 10
`,
  exemption: `name: uptime probe
note: Our own monitoring.
enabled: true
expression: user_agent = "uptime-probe"
# Name of a list that the client's address or user name must be in; null for none.
list: null
# When it ends; null is until it is deleted.
expires_at: null
`,
  list: `name: partners
description: Who may do more than others.
enabled: true
# Addresses, ranges or any other text; with a note and an end where that helps.
entries:
  - 203.0.113.0/24
  - value: 198.51.100.7
    note: Their office.
    expires_at: 2099-01-31T12:00:00Z
`,
  member: `email: lea@example.com
# Owner | Admin | Analyst | Viewer
role: Viewer
`,
} as const
