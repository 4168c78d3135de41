'use strict';

// The tools as they come, by the headings of docs/logging.md

const Module = require('module');
const Path = require('path');

const neighbour = Module.createRequire(Path.join(__dirname, '..', 'package.json'));


exports['hapi-pino'] = () => ({ register: (server) => server.register(neighbour('hapi-pino')) });


exports.Sentry = () => {

    const Sentry = neighbour('@sentry/node');
    Sentry.init({ dsn: process.env.SENTRY_DSN, tracesSampleRate: 1 });
    return { register: (server) => Sentry.setupHapiErrorHandler(server) };
};


exports['hapi-sentry'] = () => ({
    register: (server) => server.register({ plugin: neighbour('hapi-sentry'), options: { client: { dsn: process.env.SENTRY_DSN } } })
});


exports.OpenTelemetry = () => {

    const { registerInstrumentations } = neighbour('@opentelemetry/instrumentation');
    const { HttpInstrumentation } = neighbour('@opentelemetry/instrumentation-http');
    registerInstrumentations({ instrumentations: [new HttpInstrumentation()] });
    return {};
};


exports['Elastic APM'] = () => {

    neighbour('elastic-apm-node').start({ serviceName: 'futureflix', serverUrl: process.env.ELASTIC_APM_SERVER_URL });
    return {};
};
