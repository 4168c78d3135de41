'use strict';

const Assert = require('assert');


const internals = {};


/** What the patch promises, tried on a hapi that has it. */
exports.check = async function (Hapi) {

    for (const test of [internals.everywhere, internals.refused, internals.response]) {
        await test(Hapi);
    }
};


// Routes from before and after the extension, of the app, of a plugin, and hapi's own for 404; in the order of the extensions

internals.everywhere = async function (Hapi) {

    const server = Hapi.server();
    const calls = [];
    const asked = [];
    const add = (path, on) => server.route({ method: 'GET', path, options: { plugins: { test: { on } } }, handler: () => null });
    const extension = (name, options) => {

        const method = (request, h) => {

            calls.push(name);
            return h.continue;
        };

        server.ext('onPreResponse', method, options);
    };

    add('/before', true);
    extension('first');
    extension('filtered', {
        filter: (route) => {

            asked.push(route.path);
            return Boolean(route.settings.plugins.test?.on);
        }
    });

    extension('last');
    add('/on', true);
    add('/off', false);
    await server.register({
        name: 'other',
        register: (inner) => inner.route({ method: 'GET', path: '/other', options: { plugins: { test: { on: true } }, auth: false }, handler: () => null })
    });

    const count = asked.length;
    const all = ['first', 'filtered', 'last'];
    const expected = { '/before': all, '/on': all, '/off': ['first', 'last'], '/other': all, '/none': ['first', 'last'] };
    for (const [path, names] of Object.entries(expected)) {
        calls.length = 0;
        await server.inject(path);
        Assert.deepStrictEqual(calls, names, path);
    }

    Assert.strictEqual(asked.length, count, 'asked for a request');
    Assert.deepStrictEqual(['/before', '/on', '/off', '/other'].filter((path) => !asked.includes(path)), []);
};


internals.refused = function (Hapi) {

    const filter = () => true;
    const server = Hapi.server();
    Assert.throws(() => server.ext('onRequest', (request, h) => h.continue, { filter }), /Cannot specify filter option for onRequest extension/);
    Assert.throws(() => server.ext('onPreStart', () => undefined, { filter }), /Cannot specify filter option for server extension/);
    Assert.throws(() => server.ext('onPreResponse', (request, h) => h.continue, { filter: 'on' }), /must be of type function/);

    const ext = { onPreResponse: { method: (request, h) => h.continue, options: { filter } } };
    Assert.throws(() => server.route({ method: 'GET', path: '/', options: { ext }, handler: () => null }), /Cannot specify filter option for route extension/);

    server.auth.scheme('none', () => ({ authenticate: (request, h) => h.continue, options: { response: filter } }));
    Assert.throws(() => server.auth.strategy('none', 'none'), /invalid options.response/);
};


internals.response = async function (Hapi) {

    const server = Hapi.server();
    const calls = [];
    const credentials = {};
    const authenticate = (request, h) => h.authenticated({ credentials });
    const response = (request, h) => {

        calls.push(request.path);
        return h.continue;
    };

    const isOn = (route) => route.path === '/on';
    const options = { response: isOn };
    server.auth.scheme('filtered', () => ({ authenticate, response, options }));
    server.auth.scheme('whole', () => ({ authenticate, response }));
    server.auth.strategy('filtered', 'filtered');
    server.auth.strategy('whole', 'whole');

    const routes = [['/on', 'filtered'], ['/off', 'filtered'], ['/whole', 'whole'], ['/both', 'filtered', 'whole']];
    for (const [path, ...strategies] of routes) {
        server.route({ method: 'GET', path, options: { auth: { strategies } }, handler: () => null });
    }

    for (const [path] of routes) {
        await server.inject(path);
    }

    // Authenticated by the first strategy of '/both', which does not want its response

    Assert.deepStrictEqual(calls, ['/on', '/whole']);
};
