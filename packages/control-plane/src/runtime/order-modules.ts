import type { Module } from './module.js'

/** The modules so that each stands behind what it needs. Unknown needs and circles are mistakes of the wiring. */
export function orderModules(modules: readonly Module[]): readonly Module[] {
  const byName = new Map(modules.map((module) => [module.name, module]))
  if (byName.size !== modules.length) throw new Error('Two modules have one name.')
  const ordered = new Set<Module>()
  const visit = (module: Module, above: readonly string[]): void => {
    if (ordered.has(module)) return
    if (above.includes(module.name)) throw new Error(`Modules need each other: ${[...above, module.name].join(' > ')}.`)
    for (const need of module.needs ?? []) {
      const needed = byName.get(need)
      if (needed === undefined) throw new Error(`Module ${module.name} needs ${need}, which is not there.`)
      visit(needed, [...above, module.name])
    }
    ordered.add(module)
  }
  for (const module of modules) visit(module, [])
  return [...ordered]
}
