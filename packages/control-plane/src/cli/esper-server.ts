import { serviceProgram } from './service-program.js'

await serviceProgram('esper-server', 'server').parseAsync()
