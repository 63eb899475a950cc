import { cpSync, existsSync } from 'node:fs'
import { defineConfig } from 'tsup'

const consoleFiles = new URL('../console/dist', import.meta.url)

export default defineConfig({
  entry: {
    'cli/main': 'src/cli/main.ts',
    'cli/esper-server': 'src/cli/esper-server.ts',
    'cli/esper-ingestion-broker': 'src/cli/esper-ingestion-broker.ts',
    'cli/esper-mitigation-broker': 'src/cli/esper-mitigation-broker.ts',
  },
  format: ['esm'],
  target: 'node20',
  platform: 'node',
  clean: true,
  sourcemap: true,
  splitting: true,
  // The console is built before and served from beside the code.
  onSuccess: async () => {
    if (existsSync(consoleFiles)) cpSync(consoleFiles, new URL('dist/console', import.meta.url), { recursive: true })
  },
})
