'use strict';

const { servers } = require('./renewal/servers');
const { subjects } = require('./subjects');


const internals = {};


// One server that is measured. It answers `measure` with the CPU time (µs, user and system) and the memory (bytes) of this process so far

internals.start = async function ({ renews, ...options }) {

    const port = renews ? await servers[renews](options) : await internals.serve(options);
    process.send({ port });

    process.on('message', ({ id, collect }) => {

        if (collect) {
            global.gc();
            global.gc();
        }

        const { user, system } = process.cpuUsage();
        const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
        process.send({ id, cpu: user + system, rss, heap: heapUsed + external + arrayBuffers });
    });

    process.on('disconnect', () => process.exit());
};


internals.serve = async function ({ subject, hapi = '@hapi/hapi', ...options }) {

    const Hapi = require(hapi);

    const server = Hapi.server({ port: 0, host: '127.0.0.1' });
    const strategy = subject === 'none' ? false : await subjects[subject](server, options) ?? 'strategy';

    server.route([
        { method: 'GET', path: '/', options: { auth: strategy }, handler: () => ({ ok: true }) },
        ...subject === 'ours' ? [{
            method: 'POST',
            path: '/logout',
            options: { auth: strategy, plugins: { 'hard-logout': { tokens: 'access', revoke: 'token' } } },
            handler: (request, h) => h.response().code(204)
        }] : []
    ]);

    await server.start();
    return server.info.port;
};


internals.start(JSON.parse(process.argv[2]));
