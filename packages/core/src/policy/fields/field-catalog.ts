/** One field of the encoded record, as pickers, validation and documentation show it. */
export interface FieldDescription {
  /** As expressions and key fields write it; `<name>` stands for any name. */
  readonly name: string
  readonly type: 'string' | 'number' | 'boolean' | 'list' | 'map' | 'any'
  readonly meaning: string
  /** An expression or value that shows it. */
  readonly example: string
  /** Whether its value is replaced by a keyed hash, always or where the name tells a credential. */
  readonly redacted: 'never' | 'always' | 'by_name'
  /** Whether it is known only after the response. */
  readonly responseOnly: boolean
}

type Row = readonly [FieldDescription['name'], FieldDescription['type'], meaning: string, example: string]

const SCALARS: readonly Row[] = [
  ['request_method', 'string', 'The HTTP method, in upper case.', 'request_method = "POST"'],
  ['request_path', 'string', 'The path without the query.', '$contains(request_path, /^\\/login/)'],
  [
    'request_host',
    'string',
    'The host name asked for, in lower case, without the port.',
    'request_host = "shop.example"',
  ],
  [
    'client_ip',
    'string',
    'Address of the client. In an entity, IPv6 addresses are grouped by /64.',
    'client_ip = "203.0.113.7"',
  ],
  ['ip', 'string', 'Another name for client_ip.', 'ip = "203.0.113.7"'],
  [
    'ip_country',
    'string',
    'Country of client_ip, two capitals. Missing where the application has no address database.',
    'ip_country = "CH"',
  ],
  ['ip_asn', 'number', 'Number of the network that client_ip is in. Missing like ip_country.', 'ip_asn = 64496'],
  ['ip_as_name', 'string', 'Who runs that network. Missing like ip_country.', '$contains(ip_as_name, /hosting/i)'],
  ['user_agent', 'string', 'The User-Agent header.', '$contains(user_agent, /bot/i)'],
  [
    'referer',
    'string',
    'Origin and path of the Referer header, without its query.',
    '$contains(referer, "shop.example/cart")',
  ],
  ['body_type', 'string', 'Media type of the request body.', 'body_type = "application/json"'],
  [
    'header_names',
    'list',
    'Names of the headers as sent, in order, in lower case.',
    '"accept-language" in header_names',
  ],
  ['source_id', 'string', 'The source that sent the event.', 'source_id = "web"'],
  ['trust_level', 'string', 'Trust level of the source.', 'trust_level = "External"'],
  ['observed_at', 'number', 'When the request came, in milliseconds since 1970.', 'observed_at > 1767225600000'],
  ['actions', 'list', 'Names of the actions that matched; for policies and match expressions.', '"login" in actions'],
  ['user_id', 'string', 'The user, when the application says who it is.', '$exists(user_id)'],
  [
    'tracked_action',
    'string',
    'What the application tracks that is no request, such as a job or a message; missing for requests.',
    'tracked_action = "password_reset"',
  ],
]

const MAPS: readonly Row[] = [
  ['headers', 'map', 'Request headers by their name in lower case.', '$exists(headers."x-forwarded-for")'],
  ['query', 'map', 'Query parameters; one given more than once is a list.', 'query.page = "2"'],
  ['route', 'map', "Parameters of the application's route.", 'route.account_id = "42"'],
  ['body', 'any', 'The request body, parsed.', 'body.user.email = "a@example.com"'],
  ['labels', 'map', 'What the application says about the request.', 'labels.plan = "free"'],
  [
    'request_header_<name>',
    'string',
    'A header; dashes are written as underscores.',
    '$exists(request_header_user_agent)',
  ],
  ['query_<name>', 'any', 'A query parameter.', 'query_flow = "reset"'],
  ['route_<name>', 'string', 'A route parameter.', 'route_account_id = "42"'],
]

const COOKIES: readonly Row[] = [
  [
    'cookies',
    'map',
    'Cookies by name; their values are keyed hashes, unless the tenant carries them in clear.',
    '$exists(cookies.session_id)',
  ],
  ['cookie_<name>', 'string', 'A cookie; dashes may be written as underscores.', '$exists(cookie_session_id)'],
  ['cookie', 'string', "The whole Cookie header as a keyed hash, Esper's own cookies left out.", '$exists(cookie)'],
]

const RESPONSE: readonly Row[] = [
  [
    'response_status',
    'number',
    'Status the application answered with; missing when Esper itself gave the answer.',
    'response_status = 401',
  ],
  ['response_ms', 'number', 'How long the application took, in milliseconds.', 'response_ms > 2000'],
]

function described(
  rows: readonly Row[],
  redacted: FieldDescription['redacted'],
  responseOnly = false,
): FieldDescription[] {
  return rows.map(([name, type, meaning, example]) => ({ name, type, meaning, example, redacted, responseOnly }))
}

/** Every field there is: the one list that pickers, validation, warnings and documentation read. */
export const FIELD_CATALOG: readonly FieldDescription[] = [
  ...described(SCALARS, 'never'),
  ...described(MAPS, 'by_name'),
  ...described(COOKIES, 'always'),
  ...described(RESPONSE, 'never', true),
]
