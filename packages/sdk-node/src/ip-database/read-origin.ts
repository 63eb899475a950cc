import type { AddressOrigin } from '@esper/core'

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function asNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  const [, digits] = typeof value === 'string' ? (/^AS(\d{1,10})$/i.exec(value) ?? []) : []
  return digits === undefined ? undefined : Number(digits)
}

/**
 * What a record of an address database says, in the shapes that are about: GeoLite2, GeoIP2 and DB-IP (`country.iso_code`,
 * `autonomous_system_number`), and IPinfo (`country_code`, `asn`, `as_name`).
 */
export function readOrigin(entry: unknown): AddressOrigin {
  const country =
    text(member(member(entry, 'country'), 'iso_code')) ??
    text(member(member(entry, 'registered_country'), 'iso_code')) ??
    text(member(entry, 'country_code'))
  return {
    country: country?.toUpperCase(),
    asn: asNumber(member(entry, 'autonomous_system_number')) ?? asNumber(member(entry, 'asn')),
    asName: text(member(entry, 'autonomous_system_organization')) ?? text(member(entry, 'as_name')),
  }
}
