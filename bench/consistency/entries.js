'use strict';

const Path = require('path');


const internals = {
    package: Path.resolve(process.env.PACKAGE || Path.join(__dirname, '..', '..', 'dist'))
};


/** The hash in Redis that has the blacklist's entries, in blocks. */
exports.key = '{hard-logout}:blacklist:blocks';


/** What Redis has on its blacklist, now, of everything that ends the session of these access tokens: [{ name, cutoff }], or an error as { name }. */
exports.entriesOf = async function (redis, jwts) {

    try {
        const { blockOf, cutoffIn } = require(Path.join(internals.package, 'store', 'blocks'));

        const names = internals.namesOf(jwts);
        const server = await redis.current();
        const answer = await server?.ask('HMGET', exports.key, ...names.map(([, key]) => blockOf(key))) ?? 'no answer';
        const blocks = internals.valuesOf(answer);

        if (!blocks) {
            return [{ name: answer.trim() }];
        }

        const found = names.map(([name, key], i) => ({ name, cutoff: cutoffIn(blocks[i], key) }));
        return found.filter(({ cutoff }) => cutoff !== null);
    }
    catch (error) {
        return [{ name: error.message }];
    }
};


// The strategies check no issuer

internals.namesOf = function (jwts) {

    const { identify, identifyToken } = require(Path.join(internals.package, 'blacklist', 'identities'));

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
