'use strict';

const Path = require('path');


const internals = {
    identities: Path.resolve(process.env.PACKAGE || Path.join(__dirname, '..', '..', 'dist'), 'blacklist', 'identities')
};


/** The hash in Redis that has the blacklist's entries. */
exports.key = '{hard-logout}:blacklist';


/** What Redis has on its blacklist, now, of everything that ends the session of these access tokens: [{ name, cutoff }], or an error as { name }. */
exports.entriesOf = async function (redis, jwts) {

    try {
        const names = internals.namesOf(jwts);
        const server = await redis.current();
        const answer = await server?.ask('HMGET', exports.key, ...names.map(([, key]) => key)) ?? 'no answer';
        const values = internals.valuesOf(answer);
        return values ? names.flatMap(([name], i) => (values[i] === null ? [] : [{ name, cutoff: parseInt(values[i], 10) }])) : [{ name: answer.trim() }];
    }
    catch (error) {
        return [{ name: error.message }];
    }
};


// The strategies check no issuer

internals.namesOf = function (jwts) {

    const { identify, identifyToken } = require(internals.identities);

    const claims = jwts.map((jwt) => JSON.parse(Buffer.from(jwt.split('.')[1], 'base64url')));
    const [{ sub, sid }] = claims;
    return [
        ...claims.map(({ jti }, i) => [`access token ${i + 1}`, identifyToken('', jti)]),
        ['refresh token', identify('refresh', '', sid)],
        ['session', identify('session', '', sid)],
        ['everything of the subject', identify('subject', '', sub)],
        ['everything of everyone', identify('everyone', '')]
    ];
};


// An array of texts in RESP2; null if it is none

internals.valuesOf = function (answer) {

    const lines = answer.split('\r\n');
    if (!answer.startsWith('*')) {
        return null;
    }

    const values = [];
    for (let i = 1; i < lines.length - 1; ++i) {
        values.push(lines[i] === '$-1' ? null : lines[++i]);
    }

    return values;
};
