import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { say } from './progress.mjs'
import { root } from './root.mjs'

/** Runs `work` while no other process of this checkout is building. */
export async function withBuildLock(work) {
  const path = join(root, '.esper', 'build.lock')
  mkdirSync(join(root, '.esper'), { recursive: true })
  for (let told = false; !take(path); told = true) {
    if (!told) say('waiting for another build of this checkout')
    await delay(200)
  }
  const release = () => rmSync(path, { force: true })
  process.once('exit', release)
  try {
    return await work()
  } finally {
    process.off('exit', release)
    release()
  }
}

function take(path) {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
  }
  if (!isAlive(path)) rmSync(path, { force: true })
  return false
}

/** A lock whose process is gone, or that was never written to its end, is nobody's. */
function isAlive(path) {
  try {
    process.kill(Number(readFileSync(path, 'utf8')) || Number.NaN, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM' || error.code === 'ENOENT'
  }
}
