'use strict';

// Memory of the cache of verified tokens. Run, after `npm run build`: node --expose-gc --max-old-space-size=4000 bench/size/tokens.js [count]

const NodeCrypto = require('crypto');

const { AccessTokens } = require('../../dist/jwt/jwt');
const { strategySettings } = require('../../dist/options/schema');


const internals = {
    key: NodeCrypto.randomBytes(32).toString('base64url'),

    // What claims have in addition to the usual ones

    kinds: {
        'eight claims': () => ({}),
        'twelve claims': (i) => ({ name: `User Number ${i}`, email: `user.number.${i}@department.of-the-company.example`, tenant: `${'t'.repeat(100)}${i}`, roles: Array.from({ length: 10 }, (_, j) => `role-${i % 100}-${j}`) })
    }
};


internals.main = function (count = 100_000) {

    for (const [kind, more] of Object.entries(internals.kinds)) {
        const tokens = internals.verifier();
        tokens.verify(internals.token(count, more));
        const before = internals.used();

        let length = 0;
        for (let i = 0; i < count; ++i) {
            const token = internals.token(i, more);
            length += token.length;
            tokens.verify(token);
        }

        const bytes = (internals.used() - before) / count;
        console.log(`${kind}: ${Math.round(length / count)} characters, ${Math.round(bytes)} bytes in memory, ${Math.round(process.memoryUsage().rss / 1e6)} MB in all`);
        tokens.verify(internals.token(count, more));
    }
};


internals.verifier = function () {

    const jwt = { key: internals.key, algorithms: ['HS256'], issuer: 'https://bench.example', audience: 'api', cache: { maxBytes: 1e10 } };
    return new AccessTokens(strategySettings({ jwt }).jwt, () => undefined);
};


internals.token = function (i, more) {

    const now = Math.floor(Date.now() / 1000);
    const usual = { iss: 'https://bench.example', aud: 'api', sub: `user-${i}`, jti: NodeCrypto.randomUUID(), sid: NodeCrypto.randomBytes(28).toString('base64url'), scope: 'read write', iat: now, exp: now + 7200 };
    const input = [{ alg: 'HS256', typ: 'JWT' }, { ...usual, ...more(i) }].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    return `${input}.${NodeCrypto.createHmac('sha256', internals.key).update(input).digest('base64url')}`;
};


internals.used = function () {

    global.gc();
    global.gc();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
};


internals.main(process.argv[2] && Number(process.argv[2]));
