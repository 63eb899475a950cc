import { defineConfig } from 'tsup'

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
})
