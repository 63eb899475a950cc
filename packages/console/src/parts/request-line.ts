import type { EventRecord } from '../api/types.js'

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** `POST /login`: what a request was, as far as it was recorded. */
export function requestLine({ fields }: Pick<EventRecord, 'fields'>): string {
  const parts = [text(fields.request_method), text(fields.request_path)].filter((part) => part !== undefined)
  return parts.length === 0 ? 'No request' : parts.join(' ')
}

/** Who sent it: the address, and who the application says it is. */
export function senderOf({ fields }: Pick<EventRecord, 'fields'>): {
  address: string | undefined
  user: string | undefined
} {
  return { address: text(fields.client_ip), user: text(fields.user_id) }
}
