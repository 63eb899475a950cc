import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BatchRefused, BatchSender } from '../clients/batch-sender.js'
import { ImportFailed, type ImportOptions, importLog } from './import-log.js'
import { combinedLine, combinedLog } from './testing/access-log.js'
import { type Intake, startIntake } from './testing/intake.js'

let intake: Intake
let sender: BatchSender
let folder: string

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'esper-import-'))
  intake = await startIntake()
  const retry = { baseMs: 1, maxMs: 5 }
  sender = new BatchSender({ url: intake.url, keyId: 'key_a', secret: 'a-secret-of-thirty-two-characters', retry })
})
afterEach(async () => {
  await sender.close()
  await intake.close()
  rmSync(folder, { recursive: true, force: true })
})

const log = (name: string, content: string | Uint8Array) => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

function run(path: string, more: Partial<ImportOptions> & { readonly restart?: boolean } = {}) {
  const { restart = false, ...options } = more
  const target = { sender, url: intake.url, keyId: 'key_a', stateFolder: join(folder, 'state'), restart }
  return importLog({ path, sdk: 'esper-import/test', target, signal: new AbortController().signal, ...options })
}

const paths = () => intake.events().map(({ fields }) => Reflect.get(Object(fields), 'request_path'))
const pages = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => `/page/${from + index}`)

describe('an import', () => {
  it('sends each line once, in order, with its own time and what the log could tell', async () => {
    const summary = await run(log('access.log', combinedLog(1_234)))
    expect(paths()).toEqual(pages(0, 1_234))
    expect(intake.requests.count).toBe(3)
    const from = Date.UTC(2026, 9, 10, 12)
    expect(intake.events().map(({ observed_at: at }) => at)).toContain(from + 7_000)
    expect(new Set(intake.events().map(({ event_id }) => event_id)).size).toBe(1_234)
    expect(intake.headers()[0]).toMatchObject({
      revision: 0,
      captured: {
        query: ['*'],
        headers: ['referer', 'user-agent'],
        cookie: false,
        response: true,
        without: expect.arrayContaining(['headers', 'header_names', 'request_host', 'body_type', 'response_ms']),
      },
    })
    expect(summary).toEqual({
      format: 'combined',
      lines: 1_234,
      earlier_lines: 0,
      events: 1_234,
      known_events: 0,
      unreadable_lines: 0,
      unreadable: [],
      from,
      to: from + 1_233_000,
      interrupted: false,
    })
  })

  it('goes on behind what it imported before, as the log grows', async () => {
    const path = log('access.log', combinedLog(700))
    await run(path)
    expect(await run(path)).toMatchObject({ lines: 0, earlier_lines: 700, events: 0 })
    appendFileSync(
      path,
      pages(700, 1_500)
        .map((_, index) => `${combinedLine(700 + index)}\n`)
        .join(''),
    )
    expect(await run(path)).toMatchObject({ lines: 800, earlier_lines: 700, events: 800 })
    expect(paths()).toEqual(pages(0, 1_500))
  })

  it('knows a log again after it was renamed and compressed', async () => {
    await run(log('access.log', combinedLog(600)))
    const rotated = log('access.log.1.gz', gzipSync(combinedLog(900)))
    expect(await run(rotated)).toMatchObject({ lines: 300, earlier_lines: 600, events: 300 })
    expect(paths()).toEqual(pages(0, 900))
  })

  it('tells logs apart that begin with the same line', async () => {
    const other = `${combinedLine(0)}\n${combinedLog(1_200).split('\n').slice(600, 1_200).join('\n')}\n`
    const one = log('one.log', combinedLog(600))
    const two = log('two.log', other)
    await run(one)
    expect(await run(two)).toMatchObject({ lines: 601, earlier_lines: 0 })
    expect(await run(one)).toMatchObject({ lines: 0, earlier_lines: 600 })
    expect(await run(two)).toMatchObject({ lines: 0, earlier_lines: 601 })
    expect(paths().sort()).toEqual([...pages(0, 1_200), '/page/0'].sort())
  })

  it('counts nothing twice that the server has, although nothing is remembered of it', async () => {
    const path = log('access.log', combinedLog(1_100))
    await run(path)
    expect(await run(path, { restart: true })).toMatchObject({ events: 1_100, known_events: 1_100, earlier_lines: 0 })
    expect(paths()).toEqual(pages(0, 1_100))
  })

  it('sends a batch of which it heard nothing again, as the same one', async () => {
    intake.next.push('break after storing', 503, 429)
    expect(await run(log('access.log', combinedLog(400)))).toMatchObject({ events: 400, known_events: 400 })
    expect(paths()).toEqual(pages(0, 400))
    expect(intake.requests.count).toBe(4)
  })

  it('that was cut short in a batch that was not full sends that batch again before what was added since', async () => {
    const path = log('access.log', combinedLog(120))
    intake.next.push('break after storing', 422)
    await expect(run(path)).rejects.toThrow(BatchRefused)
    appendFileSync(path, `${combinedLine(120)}\n`)
    expect(await run(path)).toMatchObject({ events: 121, known_events: 120 })
    expect(paths()).toEqual(pages(0, 121))
  })

  it('ended in the middle goes on from there', async () => {
    const path = log('access.log', combinedLog(5_000))
    const ended = new AbortController()
    const onProgress = ({ lines }: { readonly lines: number }) => lines >= 1_000 && ended.abort()
    const summary = await run(path, { signal: ended.signal, onProgress })
    expect(summary.interrupted).toBe(true)
    expect(summary.lines).toBeLessThan(5_000)
    const rest = await run(path)
    expect(rest.earlier_lines).toBe(summary.lines)
    expect(paths()).toEqual(pages(0, 5_000))
  })

  it('takes a last line without an end, and not again once it has one', async () => {
    const path = log('access.log', combinedLog(3).trimEnd())
    expect(await run(path)).toMatchObject({ lines: 3, events: 3 })
    expect(await run(path)).toMatchObject({ lines: 0, earlier_lines: 3 })
    appendFileSync(path, `\n${combinedLine(3)}\n`)
    expect(await run(path)).toMatchObject({ lines: 1, earlier_lines: 3 })
    expect(paths()).toEqual(pages(0, 4))
  })

  it('counts what it cannot read, and shows the first', async () => {
    const lines = [combinedLine(0), '', 'nonsense', `${'x'.repeat(40_000)}`, combinedLine(1)]
    const summary = await run(log('access.log', lines.join('\r\n')))
    expect(summary).toMatchObject({ lines: 5, events: 2, unreadable_lines: 2 })
    expect(summary.unreadable).toEqual([
      { line: 3, reason: 'it is not a line of a common or combined log', text: 'nonsense' },
      { line: 4, reason: 'it has more than 32768 bytes', text: '' },
    ])
  })

  it('without a target reads, and sends and remembers nothing', async () => {
    const path = log('access.log', combinedLog(700))
    expect(await run(path, { target: undefined })).toMatchObject({ lines: 700, events: 700 })
    expect(intake.requests.count).toBe(0)
    expect(await run(path)).toMatchObject({ events: 700, earlier_lines: 0 })
  })

  it('says what is wrong with a log or a key', async () => {
    await expect(run(log('empty.log', ''))).rejects.toThrow(new ImportFailed(`${join(folder, 'empty.log')} is empty.`))
    await expect(run(log('odd.log', 'a\nb\n'))).rejects.toThrow('none of the first lines is of a known format')
    await expect(run(join(folder, 'none.log'))).rejects.toThrow('ENOENT')
    const broken = log('broken.gz', gzipSync(combinedLog(2_000)).subarray(0, 5_000))
    await expect(run(broken)).rejects.toThrow('unexpected end of file')
    intake.next.push(401)
    await expect(run(log('access.log', combinedLog(1)))).rejects.toThrow('The key is not accepted')
  })

  it('breaks lines into batches that fit, however long they are', async () => {
    const long = (index: number) => combinedLine(index).replace('agent/', `${'é'.repeat(7_000)}/`)
    await run(log('access.log', Array.from({ length: 300 }, (_, index) => long(index)).join('\n')))
    expect(intake.events()).toHaveLength(300)
    expect(intake.requests.count).toBeGreaterThan(3)
  })
})
