import { readFile } from 'node:fs/promises'
import { text as readStream } from 'node:stream/consumers'
import { isMap, isNode, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument, type YAMLMap } from 'yaml'
import { CliError, type Finding } from '../cli-error.js'
import { EXIT } from '../exit-codes.js'
import type { Terminal } from '../terminal.js'

export interface Place {
  readonly line: number
  readonly column: number
}

/** A YAML or JSON file, and where in it everything stands. */
export interface Document {
  /** As messages name it. */
  readonly file: string
  readonly value: unknown
  /** Where a dotted path stands; of something that is missing, where it should have been. */
  placeOf(path: string): Place | undefined
}

/** Reads a file, or standard input for `-`. JSON is YAML as well. */
export async function readDocument(path: string, { stdin }: Pick<Terminal, 'stdin'>): Promise<Document> {
  const file = path === '-' ? 'standard input' : path
  let text: string
  try {
    text = path === '-' ? await readStream(stdin) : await readFile(path, 'utf8')
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new CliError(`${file} cannot be read: ${why}`, { exitCode: EXIT.usage, cause: error })
  }
  return parseText(text, file)
}

export function parseText(text: string, file: string): Document {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  if (document.errors.length > 0) {
    const findings = document.errors.map(({ message, code, pos: [offset] }): Finding => {
      const { line, col } = lines.linePos(offset)
      return { path: '', message, code: code.toLowerCase(), line, column: col }
    })
    throw notReadable(file, findings)
  }
  return {
    file,
    value: toValue(document, file),
    placeOf: (path) => {
      const offset = offsetOf(document.contents, path === '' ? [] : path.split('.'))
      if (offset === undefined) return undefined
      const { line, col } = lines.linePos(offset)
      return { line, column: col }
    },
  }
}

/** What is wrong with a document, each thing with its line. */
export function placed(document: Document, findings: readonly Finding[]): readonly Finding[] {
  return findings.map((finding) => ({ ...finding, ...document.placeOf(finding.path) }))
}

function toValue(document: ReturnType<typeof parseDocument>, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 })
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw notReadable(file, [{ path: '', message }])
  }
}

function notReadable(file: string, findings: readonly Finding[]): CliError {
  const message = `${file} is not well-formed YAML or JSON.`
  return new CliError(message, { exitCode: EXIT.refused, code: 'malformed_document', findings, file })
}

/** The key of the last name that is there: an editor then stands on the line to change. */
function offsetOf(node: unknown, [name, ...rest]: readonly string[]): number | undefined {
  if (name === undefined || !isNode(node)) return isNode(node) ? startOf(node) : undefined
  if (isSeq(node)) {
    const item = node.items[Number(name)]
    return (isNode(item) ? offsetOf(item, rest) : undefined) ?? startOf(node)
  }
  const pair = isMap(node) ? pairOf(node, name) : undefined
  if (pair === undefined) return startOf(node)
  const key = isNode(pair.key) ? startOf(pair.key) : undefined
  return rest.length === 0 ? key : (offsetOf(pair.value, rest) ?? key)
}

function pairOf(map: YAMLMap, name: string): Pair | undefined {
  return map.items.find(({ key }) => isScalar(key) && String(key.value) === name)
}

function startOf(node: Node): number | undefined {
  return node.range?.[0]
}
