import { addressGroup } from '@esper/core'

/** Who asks: what a solution is bound to. */
export interface Client {
  readonly address: string | undefined
  readonly userAgent: string
}

/** Who asks, as far as a decision needs it. */
export interface Visitor extends Client {
  /** Clearances the request carries. */
  readonly tokens: readonly string[]
}

/** What stands for a client where no entity does: its address, IPv6 by its /64, and its User-Agent. */
export function clientText(client: Client): string {
  return `${addressGroup(client.address ?? '')}\n${client.userAgent}`
}
