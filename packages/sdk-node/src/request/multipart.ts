const DISPOSITION = /^content-disposition:[ \t]*form-data;(.*)$/im
const QUOTED = (name: string) => new RegExp(`;[ \\t]*${name}="((?:[^"\\\\]|\\\\.)*)"`, 'i')
const NAME = QUOTED('name')
const FILE_NAME = QUOTED('filename')
const MAX_PARTS = 1_000

/**
 * The fields of a multipart form (RFC 7578): text fields with their text, files with their names. Nothing of a file's
 * content is looked at, and what is no part is passed over.
 */
export function* multipartFields(
  bytes: Uint8Array,
  contentType: string,
): Generator<readonly [name: string, value: string]> {
  const [, quoted, plain] = /;[ \t]*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType) ?? []
  const boundary = quoted ?? plain
  if (boundary === undefined) return
  // One unit a byte, so that places in the text are places in the bytes.
  const text = new TextDecoder('latin1').decode(bytes)
  const delimiter = `\r\n--${boundary}`
  let at = text.startsWith(delimiter.slice(2)) ? delimiter.length - 2 : after(text, delimiter, 0)
  for (let part = 0; at !== -1 && part < MAX_PARTS && !text.startsWith('--', at); part += 1) {
    const head = text.indexOf('\r\n\r\n', at)
    const end = head === -1 ? -1 : text.indexOf(delimiter, head + 2)
    if (end === -1) return
    const field = readPart(utf8(bytes, at, head), () => utf8(bytes, head + 4, end))
    if (field !== undefined) yield field
    at = end + delimiter.length
  }
}

function after(text: string, delimiter: string, from: number): number {
  const found = text.indexOf(delimiter, from)
  return found === -1 ? -1 : found + delimiter.length
}

function utf8(bytes: Uint8Array, from: number, to: number): string {
  return new TextDecoder().decode(bytes.subarray(from, Math.max(from, to)))
}

function readPart(head: string, content: () => string): readonly [name: string, value: string] | undefined {
  const [, parameters] = DISPOSITION.exec(head) ?? []
  const [, name] = NAME.exec(`;${parameters}`) ?? []
  if (parameters === undefined || name === undefined) return undefined
  const [, file] = FILE_NAME.exec(`;${parameters}`) ?? []
  return [unescaped(name), file === undefined ? content() : unescaped(file)]
}

/** As browsers escape names: quotes and line breaks by per cent, older ones by backslash. */
function unescaped(name: string): string {
  return name.replace(/%22|%0D|%0A/gi, (each) => decodeURIComponent(each)).replace(/\\(["\\])/g, '$1')
}
