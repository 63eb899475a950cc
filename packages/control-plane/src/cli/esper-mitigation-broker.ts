import { serviceProgram } from './service-program.js'

await serviceProgram('esper-mitigation-broker', 'mitigation-broker').parseAsync()
