'use strict';

// An app that a tool watches. Its arguments: a heading of docs/logging.md whose code configures the tool, or a module of this folder that does without.
// Plays a login, a failing request, a renewal and a logout, and prints the tokens that were used, for the test to look for them where the tool sends.

const Fs = require('fs');
const Module = require('module');
const Path = require('path');
const Vm = require('vm');


const internals = {
    cookie: 'a-cookie-that-is-a-secret',
    root: Path.join(__dirname, '..', '..', '..'),
    installed: Module.createRequire(Path.join(__dirname, '..', 'package.json'))
};


// The code under a heading, as CommonJS: nothing else may be loaded before the tool, which hooks into it

internals.run = function (heading) {

    const guide = Fs.readFileSync(Path.join(internals.root, 'docs', 'logging.md'), 'utf8');
    const [, code] = guide.split(new RegExp(`^#+ ${heading}$`, 'm'))[1].match(/^```js\n([^]*?)^```$/m);

    const exported = {};
    const text = code
        .replace(/^import \* as (\w+) from '(.+)';$/gm, 'const $1 = require(\'$2\');')
        .replace(/^import (\{.+\}) from '(.+)';$/gm, 'const $1 = require(\'$2\');')
        .replace(/^export const (\w+)/gm, 'const $1 = exports.$1');

    const require = (name) => (name === './redact' ? internals.run('What to leave out') : internals.installed(name));
    Vm.compileFunction(text, ['exports', 'require'])(exported, require);
    return exported;
};


internals.prepare = {

    OpenTelemetry() {

        const { ConsoleSpanExporter, NodeTracerProvider, SimpleSpanProcessor } = internals.installed('@opentelemetry/sdk-trace-node');
        new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(new ConsoleSpanExporter())] }).register();
    }
};


internals.flush = {
    'Sentry': () => internals.installed('@sentry/node').flush(5000),
    'hapi-sentry': (server) => server.plugins['hapi-sentry'].client.flush(5000),
    'Elastic APM': () => internals.installed('elastic-apm-node').flush()
};


internals.main = async function (heading, isGuided) {

    internals.prepare[heading]?.();
    const tool = isGuided === 'true' ? internals.run(heading) : require('./unguarded')[heading]();

    const { hardLogout, plugin } = internals.installed('hapi-auth-hard-logout');
    const server = internals.installed('@hapi/hapi').server({ host: '127.0.0.1', debug: false });
    await server.register(plugin);
    await tool.register?.(server);

    server.auth.strategy('session', 'hard-logout', { jwt: { key: 'a shared secret of 32 bytes or more', algorithms: ['HS256'] }, refreshToken: { query: 'refreshToken' } });
    server.auth.default('session');

    const fail = () => {

        throw new Error('Something is wrong');
    };

    const settings = (value) => ({ plugins: { 'hard-logout': value } });
    server.route([
        { method: 'POST', path: '/login', options: { auth: false }, handler: () => hardLogout(server).issue(null, { sub: '42' }) },
        { method: 'POST', path: '/fail', options: settings({ tokens: 'both' }), handler: fail },
        { method: 'POST', path: '/token', options: settings({ tokens: 'refresh' }), handler: (request) => hardLogout(server).refresh(request) },
        { method: 'POST', path: '/logout', options: settings({ revoke: true }), handler: (request, h) => h.response().code(204) }
    ]);

    await server.start();
    const call = (path, headers) => fetch(`${server.info.uri}${path}`, { method: 'POST', headers });

    const first = await (await call('/login')).json();
    await call(`/fail?a=b&refreshToken=${first.refresh_token}`, { authorization: `Bearer ${first.access_token}`, cookie: `other=${internals.cookie}` });
    const second = await (await call(`/token?refreshToken=${first.refresh_token}`)).json();
    const { status } = await call(`/logout?refreshToken=${second.refresh_token}`, { authorization: `Bearer ${second.access_token}` });

    await server.stop();
    await internals.flush[heading]?.(server);

    const secrets = {
        '`Authorization`': [first.access_token, second.access_token],
        '`Cookie`': [internals.cookie],
        'the URL': [first.refresh_token, second.refresh_token]
    };

    process.send({ status, secrets }, () => process.exit());
};


internals.main(...process.argv.slice(2));
