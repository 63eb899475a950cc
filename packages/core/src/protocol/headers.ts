/** Header and cookie names of Esper's own; all of them are stripped before a request is encoded. */
export const ESPER_HEADERS = {
  mitigation: 'esper-mitigation',
  clearance: 'esper-clearance',
  reference: 'esper-reference',
} as const

/** Clearance cookie on https and localhost. */
export const CLEARANCE_COOKIE_SECURE = '__Host-esper-clr'
/** Clearance cookie on plain http with another host name, where browsers drop `__Host-` cookies. */
export const CLEARANCE_COOKIE_PLAIN = 'esper-clr'

/** Whether a cookie is Esper's own. */
export function isEsperCookie(name: string): boolean {
  return name.startsWith('esper-') || name.startsWith('__Host-esper-')
}
