import { registerSuite } from '../fixtures/register-suite.js'

registerSuite('protocol')
