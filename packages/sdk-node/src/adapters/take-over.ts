import type { ServerResponse } from 'node:http'

const WRITERS = [
  'setHeader',
  'setHeaders',
  'appendHeader',
  'removeHeader',
  'writeHead',
  'flushHeaders',
  'writeContinue',
  'writeEarlyHints',
  'writeProcessing',
  'addTrailers',
  'write',
  'end',
] as const

/**
 * Takes a response out of the application's hands: whatever it writes from here on goes nowhere, and nothing throws. The
 * answer is a function that lets `write` write.
 */
export function takeOver(response: ServerResponse): (write: () => void) => void {
  const before = WRITERS.map((name) => [name, Object.getOwnPropertyDescriptor(response, name)] as const)
  const mute = () => {
    for (const name of WRITERS) define(response, name, name === 'write' ? () => true : () => response)
  }
  mute()
  return (write) => {
    for (const [name, own] of before) {
      if (own === undefined) Reflect.deleteProperty(response, name)
      else Object.defineProperty(response, name, own)
    }
    try {
      write()
    } finally {
      mute()
    }
  }
}

function define(response: ServerResponse, name: string, value: () => unknown): void {
  Object.defineProperty(response, name, { value, configurable: true, writable: true, enumerable: false })
}
