import { isRecord } from '@esper/core'
import { parse } from 'yaml'
import { type ZodType, z } from 'zod'
import { CliError } from '../cli-error.js'
import { EXIT } from '../exit-codes.js'

/**
 * The document with what `--set name=value` says. A value is read as YAML, so that numbers, true, null and [lists] are
 * what they look like, except where the field is text: an expression such as `true` stays text.
 */
export function withSetValues(document: object, assignments: readonly string[], schema: ZodType): object {
  const shape: unknown = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return assignments.reduce<object>((result, assignment) => {
    const at = assignment.indexOf('=')
    const names = assignment.slice(0, Math.max(at, 0)).split('.')
    if (at < 1 || names.includes('')) throw notAnAssignment(assignment)
    return assign(result, names, fieldValue(assignment.slice(at + 1), shapeAt(shape, names)))
  }, document)
}

function assign(target: object, [name = '', ...rest]: readonly string[], value: unknown): object {
  const before: unknown = Object.hasOwn(target, name) ? Reflect.get(target, name) : undefined
  const inside = rest.length === 0 ? value : assign(isRecord(before) ? before : {}, rest, value)
  return Object.fromEntries([...Object.entries(target).filter(([key]) => key !== name), [name, inside]])
}

function fieldValue(text: string, shape: unknown): unknown {
  const types = typesOf(shape)
  if (types.includes('string') && types.every((type) => type === 'string' || type === 'null')) {
    return text === 'null' && types.includes('null') ? null : text
  }
  try {
    return parse(text)
  } catch {
    return text
  }
}

/** What may stand at a path, as JSON Schema; undefined where the schema knows no such field. */
function shapeAt(shape: unknown, [name, ...rest]: readonly string[]): unknown {
  if (name === undefined || !isRecord(shape)) return shape
  const found = branchesOf(shape)
    .map(({ properties }) => (isRecord(properties) && Object.hasOwn(properties, name) ? properties[name] : undefined))
    .find((one) => one !== undefined)
  return found === undefined ? undefined : shapeAt(found, rest)
}

function typesOf(shape: unknown): readonly unknown[] {
  return isRecord(shape) ? branchesOf(shape).flatMap(({ type, const: only }) => type ?? typeof only) : []
}

function branchesOf(shape: Readonly<Record<string, unknown>>): readonly Readonly<Record<string, unknown>>[] {
  const alternatives = [shape.anyOf, shape.oneOf, shape.allOf].flatMap((list) => (Array.isArray(list) ? list : []))
  return alternatives.length === 0 ? [shape] : alternatives.filter(isRecord).flatMap(branchesOf)
}

function notAnAssignment(text: string): CliError {
  return new CliError(`--set ${text} sets nothing.`, {
    exitCode: EXIT.usage,
    hint: 'Write --set name=value, for example --set window.seconds=60',
  })
}
