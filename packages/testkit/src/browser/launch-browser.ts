import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Browser } from 'playwright-core'
import { readEnvironment } from '../environment.js'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']

/**
 * Starts a Chromium: ESPER_TEST_BROWSER, else one on PATH, else the one npm ships in @sparticuz/chromium, else
 * Playwright's own download. The caller closes it.
 */
export async function launchBrowser(): Promise<Browser> {
  const { chromium } = await import('playwright-core')
  // The arguments of @sparticuz/chromium hold --single-process, which dies with the first closed page.
  return chromium.launch({
    executablePath: await browserPath(),
    headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
  })
}

/** Path of the browser that `launchBrowser` starts; unpacks the one from npm when it comes to it. */
export async function browserPath(): Promise<string> {
  const { ESPER_TEST_BROWSER: given, PATH = '' } = readEnvironment()
  if (given !== undefined && given !== '') {
    if (!existsSync(given)) throw new Error(`ESPER_TEST_BROWSER names ${given}, which is not there.`)
    return given
  }
  const folders = PATH.split(delimiter).filter((folder) => folder !== '')
  const onPath = folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(isExecutable)
  return onPath ?? (await shippedByNpm()) ?? ownDownload()
}

async function shippedByNpm(): Promise<string | undefined> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined
  const { default: shipped } = await import('@sparticuz/chromium')
  return shipped.executablePath()
}

async function ownDownload(): Promise<string> {
  const { chromium } = await import('playwright-core')
  const path = chromium.executablePath()
  if (existsSync(path)) return path
  throw new Error(
    'No browser for the tests: set ESPER_TEST_BROWSER, install Chromium or Chrome, or run npx playwright-core install chromium.',
  )
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
