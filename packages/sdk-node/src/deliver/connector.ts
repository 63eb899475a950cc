import { Socket } from 'node:net'
import { buildConnector } from 'undici'

type Connector = ReturnType<typeof buildConnector>

/** Opens connections that never keep the process alive, not even in the middle of a call. `timeoutMs` limits the opening. */
export function unreferenced(timeoutMs: number): Connector {
  const connect = buildConnector({ timeout: timeoutMs })
  return (options, callback) => {
    const opening: unknown = connect(options, (...outcome) => {
      const [error, socket] = outcome
      // The pool takes the reference again for each call.
      if (error === null) socket.ref = () => socket
      callback(...outcome)
    })
    if (opening instanceof Socket) opening.unref()
  }
}
