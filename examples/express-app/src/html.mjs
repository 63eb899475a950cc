/** A piece of markup that is safe to put into another one as it is. */
class Markup {
  constructor(text) {
    this.text = text
  }
  toString() {
    return this.text
  }
}

const ESCAPES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

function render(value) {
  if (value instanceof Markup) return value.text
  if (Array.isArray(value)) return value.map(render).join('')
  if (value === undefined || value === null || value === false) return ''
  return String(value).replace(/[&<>"']/g, (character) => ESCAPES[character])
}

/** Template tag: every value is escaped unless it is markup itself. */
export function html(strings, ...values) {
  return new Markup(strings.reduce((text, part, index) => text + render(values[index - 1]) + part))
}
