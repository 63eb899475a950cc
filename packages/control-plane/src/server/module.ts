import { createIngestionClient } from '../clients/ingestion-client.js'
import { createMitigationClient } from '../clients/mitigation-client.js'
import type { Config } from '../config/options.js'
import { createDatabase } from '../database/connection.js'
import { createApp } from '../http/app.js'
import { healthRoutes, metricsRoutes } from '../http/health-routes.js'
import { createListener } from '../http/listener.js'
import type { Logger } from '../observability/logger.js'
import type { Module, Runtime } from '../runtime/module.js'
import { createApiKeyDirectory, type OwnedApiKeyDirectory } from './api-keys/directory.js'
import { createSignIn } from './auth/sign-in.js'
import { createBackground } from './background.js'
import { type BundleBuilder, createBundleBuilder } from './bundle/builder.js'
import { consoleFolder } from './console/routes.js'
import { internalRoutes } from './internal/routes.js'
import { createServerHandler } from './public-routes.js'
import { createRevisionFeed, type RevisionFeed } from './revisions/feed.js'
import { operatorRoutes } from './routes.js'
import { createSdkApi } from './sdk-api/create-sdk-api.js'
import type { SdkApiDeps } from './sdk-api-contract.js'
import { createServices } from './services.js'
import { createSightings } from './sources/sightings.js'
import { createStores, type Stores } from './stores.js'

/** esper-server: operator API, console, SDK API; health and internal routes on a listener of their own. */
export function createServerModules(config: Config, runtime: Runtime): readonly Module[] {
  refuseDevLoginOverTls(config)
  const parts = createParts(config, runtime)
  const listener = { runtime, needs: ['server-background', 'sdk-api'] }
  return [
    parts.database,
    createBackground({ ...parts, runtime }),
    parts.sdkApi,
    createListener({
      ...{ ...listener, name: 'server', host: config.serverHost, port: config.serverPort, portOption: 'serverPort' },
      handler: publicHandler(config, runtime, parts),
    }),
    createListener({
      ...{ ...listener, name: 'server-health', host: config.internalHost, port: config.healthPort },
      portOption: 'healthPort',
      handler: healthApp(config, runtime, parts),
    }),
    createListener({
      ...{ ...listener, name: 'server-metrics', host: config.internalHost, port: config.metricsPort },
      portOption: 'metricsPort',
      handler: createApp({ runtime, name: 'server-metrics', routes: (app) => metricsRoutes(app, runtime) }),
    }),
  ]
}

type Parts = ReturnType<typeof createParts>

function createParts(config: Config, runtime: Runtime) {
  const { masterKeys, serviceToken } = config
  const { now, logger } = runtime
  const database = createDatabase({ config, name: 'server', runtime })
  const { connection } = database
  const stores = createStores({ connection, masterKeys, now })
  const feed = createRevisionFeed()
  const directory = createApiKeyDirectory({ ...stores, masterKeys, now, logger })
  const forgetApiKeys = directory.forget
  const services = createServices({ connection, stores, masterKeys, now, announce: feed.announce, forgetApiKeys })
  const bundles = createBundleBuilder({ ...stores, now })
  const ingestion = createIngestionClient({ url: config.ingestionBrokerUrl, serviceToken })
  const mitigation = createMitigationClient({ url: config.mitigationBrokerUrl, serviceToken })
  const sdkApi = createSdkApi({
    ...sdkApiDeps({ stores, feed, directory, bundles, logger }),
    ...{ connection, ingestion, mitigation, runtime, publicOrigins: config.publicOrigins, needs: ['database'] },
  })
  const signIn = createSignIn({ ...stores, connection, now })
  return { database, stores, feed, directory, services, signIn, ingestion, mitigation, sdkApi }
}

interface SdkApiParts {
  readonly stores: Stores
  readonly feed: RevisionFeed
  readonly directory: OwnedApiKeyDirectory
  readonly bundles: BundleBuilder
  readonly logger: Logger
}

function publicHandler(config: Config, runtime: Runtime, parts: Parts) {
  const { services, signIn } = parts
  const { publicOrigins } = config
  return createServerHandler({
    runtime,
    routes: operatorRoutes({ ...parts, now: runtime.now }),
    signIn,
    authorize: services.authorize,
    publicOrigins,
    consoleFolder: consoleFolder(),
    sdkApi: parts.sdkApi,
  })
}

/** What the SDK API needs of the operator side. */
function sdkApiDeps({ stores, feed, directory, bundles, logger }: SdkApiParts): SdkApiDeps {
  return {
    apiKeys: directory,
    bundles: {
      build: bundles.build,
      latestRevision: async (tenantId) => (await stores.revisions.latest(tenantId))?.revision ?? 0,
      onRevision: feed.subscribe,
    },
    listParts: stores.listParts,
    reportSdk: createSightings({ sources: stores.sources, logger }),
  }
}

function healthApp(config: Config, runtime: Runtime, parts: Parts) {
  const { serviceToken, publicOrigins, devLogin } = config
  const { stores, feed, signIn } = parts
  const [origin = ''] = publicOrigins
  return createApp({
    runtime,
    name: 'server-health',
    routes: (app) => {
      healthRoutes(app, runtime)
      internalRoutes(app, {
        ...stores,
        serviceToken,
        feed,
        stopping: runtime.stopping,
        now: runtime.now,
        ...(devLogin ? { devLogin: { signIn, origin } } : {}),
      })
    },
  })
}

/** An origin with TLS is on its way to being public: a link that signs in whoever holds it has no place there. */
function refuseDevLoginOverTls({ devLogin, publicOrigins }: Config): void {
  if (!devLogin || publicOrigins[0]?.startsWith('https://') !== true) return
  throw new Error("ESPER_DEV_LOGIN is for one's own machine and refused with an https origin in ESPER_PUBLIC_ORIGINS.")
}
