import { createServer, type RequestListener, type Server } from 'node:http'
import type { OptionKey } from '../config/options.js'
import { OPTIONS } from '../config/options.js'
import type { Module, Runtime } from '../runtime/module.js'

export interface ListenerOptions {
  readonly name: string
  readonly runtime: Pick<Runtime, 'logger'>
  readonly host: string
  readonly port: number
  /** The option that changes the port, named when the port is taken. */
  readonly portOption: OptionKey
  readonly handler: RequestListener
  readonly needs?: readonly string[]
}

export interface Listener extends Module {
  /** The port in use, once started. */
  port(): number
}

const HEADERS_TIMEOUT_MS = 15_000
const REQUEST_TIMEOUT_MS = 60_000

/**
 * An HTTP server as a module. Stopping lets answers under way finish; idle connections close at once, what is
 * left when the drain time is over is cut.
 */
export function createListener(options: ListenerOptions): Listener {
  const { name, runtime, handler, needs = [] } = options
  const server = createServer(
    { headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS, keepAliveTimeout: 20_000 },
    handler,
  )
  return {
    name,
    needs,
    port: () => portOf(server),
    start: async () => {
      await listen(server, options)
      runtime.logger.info({ listener: name, host: options.host, port: portOf(server) }, 'listening')
    },
    stop: (signal) => close(server, signal),
  }
}

function listen(server: Server, options: ListenerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException) => reject(listenError(error, options))
    server.once('error', onError)
    server.listen(options.port, options.host, () => {
      server.off('error', onError)
      server.on('error', (error) =>
        options.runtime.logger.error({ err: error, listener: options.name }, 'listener error'),
      )
      resolve()
    })
  })
}

function listenError(error: NodeJS.ErrnoException, { name, host, port, portOption }: ListenerOptions): Error {
  const { env, flag } = OPTIONS[portOption]
  const change = `Choose another one with --${flag} or ${env}.`
  if (error.code === 'EADDRINUSE')
    return new Error(`Port ${port} on ${host} (${name}) is taken. ${change}`, { cause: error })
  if (error.code === 'EACCES')
    return new Error(`Port ${port} on ${host} (${name}) is not allowed. ${change}`, { cause: error })
  return new Error(`${name} cannot listen on ${host}:${port}: ${error.message}`, { cause: error })
}

function close(server: Server, signal: AbortSignal): Promise<void> {
  if (!server.listening) return Promise.resolve()
  return new Promise((resolve) => {
    const cut = () => server.closeAllConnections()
    signal.addEventListener('abort', cut, { once: true })
    // A kept-alive connection that was busy becomes idle later; nothing else would close it.
    const sweep = setInterval(() => server.closeIdleConnections(), 50)
    server.close(() => {
      clearInterval(sweep)
      signal.removeEventListener('abort', cut)
      resolve()
    })
    if (signal.aborted) cut()
  })
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The listener has not started.')
  return address.port
}
