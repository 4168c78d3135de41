'use strict';

const { Client } = require('undici');

const { summary } = require('../measure');


const internals = {
    json: { 'content-type': 'application/json' },
    form: { 'content-type': 'application/x-www-form-urlencoded' }
};


// How a client of each logs in and renews: what it sends, and what it keeps of the response

internals.clients = {

    ours: {
        login: () => ({ path: '/login' }),
        renew: ({ refresh_token: token }) => ({ path: '/renew', headers: internals.json, body: JSON.stringify({ refresh_token: token }) }),
        keep: (headers, body) => JSON.parse(body)
    },

    oidc: {
        login: () => ({ path: '/login' }),
        renew: ({ refresh_token: token }) => ({
            path: '/token',
            headers: internals.form,
            body: `${new URLSearchParams({ grant_type: 'refresh_token', refresh_token: token, client_id: 'bench', client_secret: 'bench' })}`
        }),
        keep: (headers, body) => JSON.parse(body)
    },

    better: {
        login: () => ({ path: '/api/auth/sign-in/email', headers: internals.json, body: JSON.stringify({ email: 'ada@example.com', password: 'analytical' }) }),
        renew: ({ cookie }) => ({ method: 'GET', path: '/api/auth/get-session', headers: { cookie } }),
        keep: (headers, body, before) => internals.cookies(headers, before)
    },

    yar: {
        login: () => ({ path: '/login' }),
        renew: ({ cookie }) => ({ path: '/renew', headers: { cookie } }),
        keep: (headers, body, before) => internals.cookies(headers, before)
    }
};


internals.cookies = function (headers, before) {

    const set = [headers['set-cookie'] ?? []].flat();
    return set.length > 0 ? { cookie: set.map((cookie) => cookie.split(';', 1)[0]).join('; ') } : before;
};


internals.names = {
    ours: 'ours, with rotation',
    oidc: 'oidc-provider, refresh grant with rotation',
    better: 'better-auth, updateAge 0',
    yar: '@hapi/yar, without rotation or signature'
};


/** Logins and renewals, each beside ours: CPU time (µs) in the server, and how many a second. */
exports.run = async function (bench, { quick }) {

    const [processes, rounds, count] = quick ? [2, 4, 500] : [4, 8, 2000];
    const results = { logins: new Map(), renewals: new Map() };
    for (let i = 0; i < processes; ++i) {
        for (const other of Object.keys(internals.names)) {
            const ours = await internals.subject(bench, 'ours');
            const subject = await internals.subject(bench, other);
            await internals.round(ours, count);
            await internals.round(subject, count);

            const pairs = { logins: [], renewals: [] };
            for (let j = 0; j < rounds; ++j) {
                const measured = new Map();
                for (const one of j % 2 ? [ours, subject] : [subject, ours]) {
                    measured.set(one, await internals.round(one, count));
                }

                for (const kind of ['logins', 'renewals']) {
                    pairs[kind].push({ ...measured.get(subject)[kind], beside: measured.get(ours)[kind] });
                }
            }

            for (const kind of ['logins', 'renewals']) {
                results[kind].set(other, [...results[kind].get(other) ?? [], pairs[kind]]);
            }

            bench.stop([ours.server, subject.server]);
            await Promise.all([ours, subject].flatMap(({ connections }) => connections).map((connection) => connection.destroy()));
        }
    }

    results.logins.delete('oidc');
    return Object.entries(results).flatMap(([kind, pairs]) => Array.from(pairs, ([name, each]) => summary({ name: `${kind}: ${internals.names[name]}`, pairs: each })));
};


internals.subject = async function (bench, name) {

    const server = await bench.serve(name, { renews: name, alg: 'ES256', redis: true });
    const connections = Array.from({ length: 16 }, () => new Client(`http://127.0.0.1:${server.port}`));
    return { server, connections, client: internals.clients[name], users: [] };
};


// Each connection logs in a user, then renews that login

internals.round = async function (subject, count) {

    const each = Math.ceil(count / subject.connections.length);
    const logins = await internals.measure(subject, each / 4, async (connection, i) => {

        subject.users[i] = await internals.request(subject, connection, subject.client.login());
    });

    const renewals = await internals.measure(subject, each, async (connection, i) => {

        subject.users[i] = await internals.request(subject, connection, subject.client.renew(subject.users[i]), subject.users[i]);
    });

    return { logins, renewals };
};


internals.measure = async function ({ server, connections }, times, work) {

    const before = await server.process.ask({});
    const began = performance.now();
    const latencies = [];
    const repeat = async (connection, user) => {

        for (let i = 0; i < times; ++i) {
            const start = performance.now();
            await work(connection, user);
            latencies.push(performance.now() - start);
        }
    };

    await Promise.all(connections.map(repeat));

    const seconds = (performance.now() - began) / 1000;
    const after = await server.process.ask({});
    latencies.sort((a, b) => a - b);
    return {
        cpu: (after.cpu - before.cpu) / latencies.length,
        rate: latencies.length / seconds,
        p50: latencies[Math.floor(latencies.length * 0.5)],
        p99: latencies[Math.floor(latencies.length * 0.99)]
    };
};


internals.request = async function ({ server, client }, connection, options, before) {

    const { statusCode, headers, body } = await connection.request({ method: 'POST', ...options });
    const text = await body.text();
    if (statusCode !== 200) {
        throw new Error(`${server.name}: ${statusCode} to ${options.path}: ${text.slice(0, 200)}`);
    }

    return client.keep(headers, text, before);
};
