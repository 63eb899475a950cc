import { isRecord } from '@esper/core'
import type { Span } from './issue.js'

/** A node of jsonata's syntax tree. Only read through the functions of this file: its published types leave half of it out. */
export type AstNode = { readonly [name: string]: unknown }

/**
 * A copy of jsonata's tree in plain objects. Each time it parses, jsonata makes nodes from prototypes of their own: what
 * reads them is slow at every property, what reads the copy is not.
 */
export function plainTree(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(plainTree)
  if (!isRecord(node) || node instanceof RegExp) return node
  const copy: Record<string, unknown> = {}
  for (const name of Object.keys(node)) copy[name] = plainTree(node[name])
  return copy
}

/** Kind of a node, as jsonata calls it. */
export function kindOf(node: AstNode): string {
  return typeof node.type === 'string' ? node.type : 'unknown'
}

/** A child that a node of this kind has. */
export function childOf(node: AstNode, name: string): AstNode {
  const child = node[name]
  if (!isRecord(child)) throw new TypeError(`The syntax tree has no ${name} here.`)
  return child
}

/** A list of children; empty when there is none. */
export function childrenOf(node: AstNode, name: string): readonly AstNode[] {
  const list = node[name]
  return Array.isArray(list) ? list.filter(isRecord) : []
}

/** Names and values of an object that is written out. */
export function pairsOf(node: AstNode): readonly (readonly AstNode[])[] {
  return Array.isArray(node.lhs) ? node.lhs.filter(Array.isArray).map((pair) => pair.filter(isRecord)) : []
}

const DECORATIONS = ['group', 'focus', 'index', 'keepArray', 'keepSingletonArray', 'ancestor', 'tuple'] as const

/** Whether a node carries one of jsonata's decorations: grouping, ordering, binding or `[]`. */
export function decorationOf(node: AstNode): string | undefined {
  for (const name of DECORATIONS) if (node[name] !== undefined && node[name] !== false) return name
  return undefined
}

/** The part of the source a node came from. jsonata notes where a token ends; where it begins follows from its text. */
export function spanOf(source: string, node: AstNode): Span {
  const inner = [childrenOf(node, 'steps')[0], node.procedure, node.condition, node.lhs].find(isRecord)
  const isOperator = kindOf(node) === 'binary' || typeof node.position === 'number'
  if (inner !== undefined && (!isOperator || kindOf(node) === 'function')) return spanOf(source, inner)
  const end = typeof node.position === 'number' ? node.position : source.length
  return { start: tokenStart(source, node, end), end }
}

function tokenStart(source: string, node: AstNode, end: number): number {
  const text = typeof node.value === 'string' || typeof node.value === 'number' ? String(node.value) : ''
  const candidates = [`$${text}`, `"${text}"`, `'${text}'`, `\`${text}\``, text]
  if (node.value instanceof RegExp) candidates.unshift(...patternTexts(node.value))
  const found = candidates.find(
    (candidate) => candidate !== '' && source.endsWith(candidate, end) && fits(node, candidate, text),
  )
  return Math.max(0, end - (found?.length ?? 1))
}

function fits(node: AstNode, candidate: string, text: string): boolean {
  const isVariable = kindOf(node) === 'variable'
  return candidate === `$${text}` ? isVariable : true
}

function patternTexts(pattern: RegExp): readonly string[] {
  return ['', 'i', 'm', 'im', 'mi'].map((flags) => `/${pattern.source}/${flags}`)
}
