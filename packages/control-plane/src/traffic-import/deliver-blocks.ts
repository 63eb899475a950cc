import type { BatchSender } from '../clients/batch-sender.js'
import type { Block } from './blocks.js'

/** How long the batch under way may take when the import is ended. */
const GRACE_MS = 5_000

export interface DeliverOptions {
  /** Absent: nothing is sent. */
  readonly sender: BatchSender | undefined
  /** Ends the delivery: what is under way gets a few seconds. */
  readonly signal: AbortSignal
  /** Called before a block is sent. */
  readonly beforeSend: (block: Block) => Promise<void>
  readonly onAccepted: (block: Block, duplicate: boolean) => Promise<void>
}

/**
 * Sends blocks one after the other, so that events arrive in the order of the log and each window is counted as it was
 * filled. @returns false when it was ended before the last one
 */
export async function deliverBlocks(blocks: AsyncIterable<Block>, options: DeliverOptions): Promise<boolean> {
  const { signal, sender } = options
  const cut = new AbortController()
  const endSoon = () => setTimeout(() => cut.abort(), GRACE_MS).unref()
  signal.addEventListener('abort', endSoon, { once: true })
  try {
    for await (const block of blocks) {
      if (signal.aborted) break
      await options.beforeSend(block)
      const isSent = block.events > 0 && sender !== undefined
      const { duplicate } = isSent ? await sender.send(block, cut.signal) : NOTHING_SENT
      await options.onAccepted(block, duplicate)
    }
    return !signal.aborted
  } catch (error) {
    if (cut.signal.aborted) return false
    throw error
  } finally {
    signal.removeEventListener('abort', endSoon)
  }
}

const NOTHING_SENT = { duplicate: false }
