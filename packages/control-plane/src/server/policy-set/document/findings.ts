import type { ErrorCode } from '../../../http/error-codes.js'
import { DomainError, type FieldError } from '../../../http/problem.js'
import { documentPath, NOUNS, type Section } from './references.js'

/** One item of a section. */
export interface Place {
  readonly section: Section
  readonly index: number
  readonly name: string
}

/** Collects what is wrong with a document, so that its author hears of everything at once. */
export class Findings {
  readonly #sections: ReadonlySet<Section>
  readonly #errors: FieldError[] = []
  #first: { readonly code: ErrorCode; readonly message: string } | undefined

  /** The sections that the document holds. */
  constructor(sections: ReadonlySet<Section>) {
    this.#sections = sections
  }

  add(code: ErrorCode, error: FieldError): void {
    this.#first ??= { code, message: error.path === '' ? error.message : `${error.path}: ${error.message}` }
    this.#errors.push(error)
  }

  /** Runs a check of one item; what it throws is said at the item's place in the document. */
  at<T>(place: Place, check: () => T): T | undefined {
    try {
      return check()
    } catch (error) {
      if (!(error instanceof DomainError)) throw error
      this.addRefusal(place, error)
      return undefined
    }
  }

  addRefusal(place: Place, { code, message, errors = [{ path: '', code, message }] }: DomainError): void {
    for (const error of errors) this.addAt(place, code, { ...error, path: documentPath(error.path, place.section) })
  }

  /** `error.path` is inside the item. Of one that the document leaves alone, its name has to say which it is. */
  addAt({ section, index, name }: Place, code: ErrorCode, error: FieldError): void {
    if (!this.#sections.has(section)) {
      this.add(code, { ...error, path: '', message: `${NOUNS[section]} "${name}": ${error.message}` })
      return
    }
    const path = [section, String(index), error.path].filter((part) => part !== '').join('.')
    this.add(code, { ...error, path })
  }

  throwIfAny(): void {
    if (this.#first !== undefined)
      throw new DomainError(this.#first.code, this.#first.message, { errors: this.#errors })
  }
}
