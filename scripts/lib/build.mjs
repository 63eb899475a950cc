import { cpSync, existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { withBuildLock } from './build-lock.mjs'
import { fingerprint, readStamp, writeStamp } from './fingerprint.mjs'
import { say } from './progress.mjs'
import { root } from './root.mjs'
import { runTool } from './run.mjs'

const COMMON = ['tsconfig.base.json', 'package-lock.json']

/** Each with the folder it stands in, the tool that builds it and what it is built from, beside its own folder. */
const PACKAGES = {
  core: { tool: 'tsup', args: ['--silent'], from: [] },
  'sdk-node': { tool: 'tsup', args: ['--silent'], from: ['packages/core/src'] },
  console: { tool: 'vite', args: ['build', '--logLevel', 'warn'], from: ['packages/control-plane/src/contract'] },
  'control-plane': { tool: 'tsup', args: ['--silent'], from: [] },
}

/** Builds what changed since its last build. What stands on one line is built at the same time. */
export function build() {
  return withBuildLock(buildWhatChanged)
}

async function buildWhatChanged() {
  const built = [
    ...(await buildAll(['core'])),
    ...(await buildAll(['sdk-node', 'console'])),
    ...(await buildAll(['control-plane'])),
  ]
  const target = join(root, 'packages/control-plane/dist/console')
  if (built.some((name) => name === 'console' || name === 'control-plane') || !existsSync(target)) {
    rmSync(target, { recursive: true, force: true })
    cpSync(join(root, 'packages/console/dist'), target, { recursive: true })
  }
  return built
}

async function buildAll(names) {
  const results = await Promise.all(names.map(buildOne))
  const failed = results.find((result) => result.code !== 0)
  if (failed !== undefined) throw new Error(`@esper/${failed.name} did not build:\n${failed.output.trim()}`)
  return results.filter((result) => result.built).map((result) => result.name)
}

async function buildOne(name) {
  const { tool, args, from } = PACKAGES[name]
  const folder = join('packages', name)
  const wanted = fingerprint([folder, ...from, ...COMMON])
  const stamp = `build-${name}`
  if (readStamp(stamp) === wanted && existsSync(join(root, folder, 'dist'))) return { name, code: 0, built: false }
  say(`building ${name}`)
  const { code, output } = await runTool(tool, args, { cwd: join(root, folder), capture: true })
  if (code === 0) writeStamp(stamp, wanted)
  return { name, code, output, built: true }
}
