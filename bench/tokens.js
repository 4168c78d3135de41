'use strict';

const NodeCrypto = require('crypto');
const Util = require('util');


const internals = {
    sign: Util.promisify(NodeCrypto.sign),
    batch: 64
};


exports.issuer = 'https://bench.example';

exports.audience = 'api';

exports.algorithms = ['HS256', 'RS256', 'ES256', 'EdDSA'];


/** What signs and what verifies, as texts that can be given to a process: the same for everyone who is measured. */
exports.keys = function () {

    const pair = (type, options) => {

        return NodeCrypto.generateKeyPairSync(type, {
            ...options,
            publicKeyEncoding: { type: 'spki', format: 'pem' },
            privateKeyEncoding: { type: 'pkcs8', format: 'pem' }
        });
    };

    const secret = NodeCrypto.randomBytes(32).toString('base64url');

    return {
        HS256: { publicKey: secret, privateKey: secret },
        RS256: pair('rsa', { modulusLength: 2048 }),
        ES256: pair('ec', { namedCurve: 'P-256' }),
        EdDSA: pair('ed25519')
    };
};


/** `count` tokens that differ in their `jti` and session. */
exports.mint = async function (alg, { privateKey }, count) {

    const tokens = [];
    while (tokens.length < count) {
        const length = Math.min(internals.batch, count - tokens.length);
        tokens.push(...await Promise.all(Array.from({ length }, () => internals.token(alg, privateKey))));
    }

    return tokens;
};


internals.token = async function (alg, privateKey) {

    const now = Math.floor(Date.now() / 1000);
    const claims = {
        iss: exports.issuer,
        aud: exports.audience,
        sub: `user-${NodeCrypto.randomInt(1e6)}`,
        jti: NodeCrypto.randomUUID(),
        sid: NodeCrypto.randomBytes(16).toString('base64url'),
        scope: 'read write',
        iat: now,
        exp: now + 7200
    };

    const input = [{ alg, typ: 'JWT' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    return `${input}.${(await internals.signature(alg, input, privateKey)).toString('base64url')}`;
};


internals.signature = function (alg, input, key) {

    if (alg === 'HS256') {
        return NodeCrypto.createHmac('sha256', key).update(input).digest();
    }

    return internals.sign(alg === 'EdDSA' ? undefined : 'sha256', Buffer.from(input), alg === 'ES256' ? { key, dsaEncoding: 'ieee-p1363' } : key);
};
