import crawlers from 'crawler-user-agents'
import browsers from 'top-user-agents'

const WELCOME = ['search-engine', 'ai-crawler', 'social-preview', 'seo']

/** User-Agents of today's most used browsers. */
export const browserUserAgents = browsers.filter(isHeaderText)

/** User-Agents that real crawlers have been seen with; the last one listed is the most recent form. */
export const crawlerUserAgents = crawlers
  .filter((crawler) => crawler.tags?.some((tag) => WELCOME.includes(tag)))
  .map((crawler) => crawler.instances.at(-1))
  .filter((userAgent) => userAgent !== undefined && isHeaderText(userAgent))

function isHeaderText(text) {
  return /^[\x20-\x7e]+$/.test(text)
}
