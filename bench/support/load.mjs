import { once } from 'node:events'
import { connect } from 'node:net'
import { requestText } from './requests.mjs'

const CONNECTIONS = 16
const TEXTS = Array.from({ length: 64 }, (_, index) => requestText(index))
const ANSWER = 'HTTP/1.1 200 OK'

/** Sends one request after another over kept connections and counts the answers. */
export class Load {
  #sockets = []
  #running = false
  #answers = 0
  #idle = []

  async open(port) {
    for (let at = 0; at < CONNECTIONS; at++) {
      const socket = connect(port, '127.0.0.1')
      await once(socket, 'connect')
      socket.setNoDelay(true)
      socket.setEncoding('latin1')
      let turn = at
      socket.on('data', (text) => {
        if (!text.startsWith(ANSWER)) throw new Error(`Not an answer: ${text.slice(0, 80)}`)
        this.#answers += 1
        if (this.#running) socket.write(TEXTS[++turn & 63])
        else this.#idle.push(socket)
      })
      this.#sockets.push(socket)
    }
    this.#idle = [...this.#sockets]
  }

  /** Loads the server for so long and gives the number of its answers. */
  async run(ms) {
    const before = this.#answers
    this.#running = true
    for (const socket of this.#idle.splice(0)) socket.write(TEXTS[0])
    await new Promise((resolve) => setTimeout(resolve, ms))
    this.#running = false
    while (this.#idle.length < CONNECTIONS) await new Promise((resolve) => setTimeout(resolve, 1))
    return this.#answers - before
  }

  close() {
    for (const socket of this.#sockets) socket.destroy()
  }
}
