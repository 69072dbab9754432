export { createEmbeddedApp, startEmbeddedNextcloud, type EmbeddedNextcloud } from './server.js'
