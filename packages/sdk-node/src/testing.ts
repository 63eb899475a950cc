/** What the documents and the benchmarks build on; not part of the published package. */
export { documentSdkOptions } from './option-table.js'
