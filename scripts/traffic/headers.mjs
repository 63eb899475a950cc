/** What a browser sends when somebody opens a page. */
export function browserHeaders(userAgent, language) {
  return {
    'user-agent': userAgent,
    accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
    'accept-language': language,
    'sec-fetch-dest': 'document',
    'sec-fetch-mode': 'navigate',
    'sec-fetch-site': 'same-origin',
    'upgrade-insecure-requests': '1',
  }
}

/** What a crawler sends: little. */
export function crawlerHeaders(userAgent) {
  return { 'user-agent': userAgent, accept: '*/*' }
}

/** What a script sends that says it is a browser and forgot the rest. */
export function disguisedHeaders(userAgent) {
  return { 'user-agent': userAgent, accept: 'text/html', 'accept-language': 'en' }
}
