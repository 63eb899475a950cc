import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const BENCH = fileURLToPath(new URL('..', import.meta.url))
const OUT = join(BENCH, 'dist')

/** The product's sources go in, as its own build puts them into a package; libraries stay what they are. */
const LIBRARIES_OUTSIDE = {
  name: 'libraries outside',
  setup(esbuild) {
    esbuild.onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
      kind === 'entry-point' || path.startsWith('@esper/') ? undefined : { path, external: true },
    )
  },
}

/**
 * Builds the gates from the product's sources and gives the file that runs one. Running the sources themselves would
 * measure the runner too: tsx gives each function its name when it is made, at each closure of each request.
 */
export async function buildGates() {
  await rm(OUT, { recursive: true, force: true })
  await build({
    absWorkingDir: BENCH,
    entryPoints: ['gates/*.mjs', 'support/*-process.mjs'],
    ...{ outdir: OUT, outbase: '.', outExtension: { '.js': '.mjs' }, logLevel: 'warning' },
    ...{ bundle: true, splitting: true, format: 'esm', platform: 'node', target: 'node20', conditions: ['source'] },
    plugins: [LIBRARIES_OUTSIDE],
  })
  return join(OUT, 'support', 'gate-process.mjs')
}
