import { readFileSync } from 'node:fs'
import { EsperError, type LocalBundleContent, type LocalBundleRefusal, readLocalBundle } from '@esper/core'

const REASONS: Readonly<Record<LocalBundleRefusal, string>> = {
  too_large: 'is larger than a bundle may be',
  not_json: 'is not JSON',
  not_a_local_bundle: 'is no local bundle; make one with "esper bundle build"',
  unknown_format: 'has a format that this version does not know',
  digest_mismatch: 'was cut or edited since it was made; make it again with "esper bundle build"',
  malformed: 'lacks parts that a bundle must have; make it again with "esper bundle build"',
}

/**
 * Reads the file that the option `bundle` names.
 * @throws EsperError `invalid_option`, saying what is wrong with the file: it is configuration
 */
export function loadLocalBundle(path: string): LocalBundleContent {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new EsperError('invalid_option', `The option "bundle" names a file that cannot be read: ${path}.`, { cause })
  }
  const read = readLocalBundle(text)
  if (read.ok) return read.content
  throw new EsperError('invalid_option', `The option "bundle" names a file that ${REASONS[read.reason]}: ${path}.`)
}
