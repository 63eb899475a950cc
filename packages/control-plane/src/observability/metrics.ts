import { collectDefaultMetrics, Registry } from 'prom-client'

/** A registry of the process, never the library's global one, labelled with the service's name. */
export function createMetrics(service: string): Registry {
  const registry = new Registry()
  registry.setDefaultLabels({ service })
  collectDefaultMetrics({ register: registry })
  return registry
}
