import { serviceProgram } from './service-program.js'

await serviceProgram('esper-ingestion-broker', 'ingestion-broker').parseAsync()
