import preact from '@preact/preset-vite'
import { defineConfig } from 'vite'

/** The console runs under `script-src 'self'; style-src 'self'`: nothing is inlined into the page or into other files. */
export default defineConfig({
  plugins: [preact({ prefreshEnabled: false, devToolsEnabled: false })],
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
})
