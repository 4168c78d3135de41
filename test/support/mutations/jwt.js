'use strict';


module.exports = [

    // Shared keys

    {
        name: 'an issuer that one of two strategies with one key does not look at',
        file: 'lib/scheme.ts',
        find: 'if (isAlone && sharesKey(jwt, other.jwt)) {',
        replace: 'if (isAlone && jwt === other.jwt) {',
        tests: ['test/scheme.ts']
    },
    {
        name: 'keys that are changed in steps, taken for different ones',
        file: 'lib/jwt/shared-keys.ts',
        find: '[own, ...thumbprints(jwt)].some(',
        replace: '[own].some(',
        tests: ['test/jwt/shared-keys.ts']
    },
    {
        name: 'a digest that a weak secret could be found by',
        file: 'lib/jwt/shared-keys.ts',
        find: 'thumbprint.slice(0, 3)',
        replace: 'thumbprint.slice(0)',
        tests: ['test/jwt/shared-keys.ts']
    },
    {
        name: 'a key that other processes do not have',
        file: 'lib/index.ts',
        find: 'monitor.keysDiffer(await differingKeys(routes.strategies(), store));',
        replace: 'await differingKeys(routes.strategies(), store);',
        tests: ['test/index.ts']
    },

    // Signatures

    {
        name: 'a key for RSA-PSS where PKCS #1 is meant',
        file: 'lib/jwt/key.ts',
        find: 'demand(type === \'rsa\', option',
        replace: 'demand(type === \'rsa\' || type === \'rsa-pss\', option',
        tests: ['test/jwt/key.ts']
    },
    {
        name: 'RSA-PSS where PKCS #1 is meant',
        file: 'lib/jwt/signature.ts',
        find: 'if (family === \'RS\') {\n        return verify(hash, data, key, bytes)',
        replace: 'if (family === \'RS\') {\n        return verify(hash, data, key, bytes) || verify(hash, data, { key, padding: constants.RSA_PKCS1_PSS_PADDING }, bytes)',
        tests: ['test/jwt/signature.ts']
    },

    // Tokens that were verified before

    {
        name: 'a remembered token past its end',
        file: 'lib/jwt/jwt.ts',
        find: ' && now < expires',
        replace: '',
        tests: ['test/jwt/token-cache.ts']
    },
    {
        name: 'a header that was seen before past its end',
        file: 'lib/jwt/jwt.ts',
        find: 'known && isTimely(known, Date.now())',
        replace: 'known',
        tests: ['test/jwt/token-cache.ts']
    },
    {
        name: 'a header that was seen before under another key',
        file: 'lib/jwt/jwt.ts',
        find: '!isAsked(settings.key)',
        replace: 'true',
        tests: ['test/jwt/token-cache.ts', 'test/jwt/key-resolver.ts', 'test/jwt/jwt.ts']
    },
    {
        name: 'a remembered token under another key',
        file: 'lib/jwt/jwt.ts',
        find: 'known?.key === key && ',
        replace: 'known && ',
        tests: ['test/jwt/token-cache.ts', 'test/jwt/key-resolver.ts', 'test/jwt/jwt.ts']
    },
    {
        name: 'a remembered token by the end of its signature alone',
        file: 'lib/jwt/token-cache.ts',
        find: 'access?.token === token ? access : undefined',
        replace: 'access',
        tests: ['test/jwt/token-cache.ts']
    },
    {
        name: 'a header of another scheme that ends as one seen before',
        file: 'lib/jwt/jwt.ts',
        find: ' && header.startsWith(\'Bearer \')',
        replace: '',
        tests: ['test/jwt/token-cache.ts']
    },
    {
        name: 'a remembered token that no longer holds',
        file: 'lib/jwt/jwt.ts',
        find: '            this.#cache!.delete(token);\n',
        replace: '',
        tests: ['test/jwt/token-cache.ts']
    },
    {
        name: 'an expired token, remembered',
        file: 'lib/jwt/jwt.ts',
        find: 'if (!access.expired) {',
        replace: 'if (access) {',
        tests: ['test/jwt/token-cache.ts']
    },
    {
        name: 'credentials that other requests are given as well',
        file: 'lib/jwt/credentials.ts',
        find: 'credentials[name] = copy(credentials[name]);',
        replace: '',
        tests: ['test/jwt/credentials.ts']
    },
    {
        name: 'credentials of the first request that later ones are given as well',
        file: 'lib/jwt/credentials.ts',
        find: 'prepare(copy(this.#claims))',
        replace: 'prepare(this.#claims)',
        tests: ['test/jwt/credentials.ts']
    },
    {
        name: 'lists that other requests are given as well',
        file: 'lib/jwt/credentials.ts',
        find: 'return value.map(copy) as T;',
        replace: 'return value;',
        tests: ['test/jwt/credentials.ts']
    },

    // Parts and dates

    {
        name: 'a fourth part of a token',
        file: 'lib/jwt/jwt.ts',
        find: 'parts.length !== 3',
        replace: 'parts.length < 3',
        tests: ['test/jwt/jwt.ts']
    },
    {
        name: 'the header of another token',
        file: 'lib/jwt/jwt.ts',
        find: 'parts[0] === this.#last?.text',
        replace: 'this.#last',
        tests: ['test/jwt/jwt.ts']
    },
    {
        name: 'a PSS signature without its leading zero',
        file: 'lib/jwt/signature.ts',
        find: 'bytes.length === Math.ceil(key.asymmetricKeyDetails!.modulusLength! / 8) && ',
        replace: '',
        tests: ['test/jwt/signature.ts']
    },
    {
        name: 'another spelling of claims',
        file: 'lib/jwt/jwt.ts',
        find: 'return bytes.toString(\'base64url\') === part ? bytes : null;',
        replace: 'return bytes;',
        tests: ['test/jwt/jwt.ts']
    },
    {
        name: 'claims that are no text',
        file: 'lib/jwt/jwt.ts',
        find: 'if (!bytes || !isUtf8(bytes)) {',
        replace: 'if (!bytes) {',
        tests: ['test/jwt/jwt.ts']
    },
    {
        name: 'a token before its time',
        file: 'lib/jwt/jwt.ts',
        find: 'now < access.starts',
        replace: 'false',
        tests: ['test/jwt/jwt.ts']
    },
    {
        name: 'a session that begins in the year 5000',
        file: 'lib/jwt/access-token.ts',
        find: 'return began <= (iat! + 1) * 1000 + maxSkew;',
        replace: 'return began <= Infinity || iat === maxSkew;',
        tests: ['test/jwt/access-token.ts']
    },
    {
        name: 'a beginning of a session that is not the subject\'s',
        file: 'lib/jwt/access-token.ts',
        find: '?.subject === subject',
        replace: ' !== null',
        tests: ['test/jwt/access-token.ts']
    },
    {
        name: 'a beginning of a session of another issuer',
        file: 'lib/jwt/access-token.ts',
        find: 'session !== undefined && sessionAddress(session)?.subject === subject',
        replace: 'session !== undefined',
        tests: ['test/jwt/access-token.ts']
    },
    {
        name: 'a token that looks younger than a cut-off by its issuer\'s clock',
        file: 'lib/jwt/access-token.ts',
        find: 'beginning === undefined ? issued - clockTolerance : issued',
        replace: 'issued',
        tests: ['test/jwt/access-token.ts']
    },
    {
        name: 'a token for somebody else',
        file: 'lib/jwt/claims.ts',
        find: 'return audience && !',
        replace: 'return false && !',
        tests: ['test/jwt/claims.ts']
    },
    {
        name: 'a token of another issuer',
        file: 'lib/jwt/claims.ts',
        find: 'issuer.length > 0 && ',
        replace: 'issuer.length > 9 && ',
        tests: ['test/jwt/claims.ts']
    },

    // Keys

    {
        name: 'a secret that is the text of a URL',
        file: 'lib/jwt/key.ts',
        find: 'typeof text !== \'string\' || !/^\\s*https?:\\/\\//i.test(text)',
        replace: 'true',
        tests: ['test/jwt/key.ts']
    },
    {
        name: 'a copy of a KeyObject',
        file: 'lib/jwt/key.ts',
        find: '!(key instanceof KeyObject) || hasKey(key)',
        replace: 'true',
        tests: ['test/jwt/key.ts']
    },
    {
        name: 'what is left of a copied KeyObject',
        file: 'lib/jwt/key.ts',
        find: 'demand(!isEmpty(key)',
        replace: 'demand(true',
        tests: ['test/jwt/key.ts']
    },
    {
        name: 'an RSA key with the public exponent 1',
        file: 'lib/jwt/key.ts',
        find: 'details!.publicExponent! >= 3n',
        replace: 'true',
        tests: ['test/jwt/key.ts', 'test/jwt/signature.ts']
    },
    {
        name: 'a JWK that is for something else than verifying',
        file: 'lib/jwt/key.ts',
        find: ' && isAllowed(jwk, operation)',
        replace: '',
        tests: ['test/jwt/key.ts']
    },
    {
        name: 'a JWK that signs and is for verifying only',
        file: 'lib/jwt/key-resolver.ts',
        find: ' || isJwk(key) && !isMeantFor(key, alg, \'sign\')',
        replace: '',
        tests: ['test/jwt/key-resolver.ts']
    },
    {
        name: 'a KeyObject that does not fit the algorithm of the token',
        file: 'lib/jwt/key-resolver.ts',
        find: '            fits(known, alg, \'jwt.key()\');\n',
        replace: '',
        tests: ['test/jwt/key-resolver.ts']
    },
    {
        name: 'a kid that is no text',
        file: 'lib/jwt/key-set.ts',
        find: '        if (!isName(kid)) {\n            throw noKey();\n        }\n\n',
        replace: '',
        tests: ['test/jwt/key-set.ts']
    },
    {
        name: 'a token that is taken for dead, though its key may have been published since',
        file: 'lib/jwt/key-set.ts',
        find: 'isCertain: !isRecent',
        replace: 'isCertain: true',
        tests: ['test/jwt/key-set.ts']
    },
    {
        name: 'a token that is taken for dead, though another strategy accepts it',
        file: 'lib/jwt/jwt.ts',
        find: 'throw unfit(problem)',
        replace: 'throw invalid(problem)',
        tests: ['test/jwt/jwt.ts']
    },
    {
        name: 'a token that is taken for dead before its time',
        file: 'lib/jwt/jwt.ts',
        find: 'throw unfit(\'it is not valid yet\')',
        replace: 'throw invalid(\'it is not valid yet\')',
        tests: ['test/jwt/jwt.ts']
    },
    {
        name: 'a key of a set that was replaced meanwhile',
        file: 'lib/jwt/key-set.ts',
        find: 'while (before !== this.#cache.jwks)',
        replace: 'while (false)',
        tests: ['test/jwt/key-set.ts']
    },
    {
        name: 'a key set that is fetched for each token of a stranger',
        file: 'lib/jwt/key-set.ts',
        find: '!known && this.#isCoolingDown',
        replace: 'false',
        tests: ['test/jwt/key-set.ts']
    },
    {
        name: 'a key set that is not fetched until the clock is back',
        file: 'lib/jwt/key-set.ts',
        find: 'since >= 0 && ',
        replace: '',
        tests: ['test/jwt/key-set.ts']
    },
    {
        name: 'a line of the log for each attempt to fetch a key set',
        file: 'lib/jwt/key-set.ts',
        find: 'if (why !== this.#why) {',
        replace: 'if (why) {',
        tests: ['test/jwt/key-set.ts']
    },
    {
        name: 'an outage that nothing is logged of, since it is the second',
        file: 'lib/jwt/key-set.ts',
        find: '            this.#why = undefined;\n',
        replace: '',
        tests: ['test/jwt/key-set.ts']
    },
    {
        name: 'a token that is bound to a key',
        file: 'lib/jwt/claims.ts',
        find: '!allowBoundTokens && claims.cnf !== undefined',
        replace: 'false',
        tests: ['test/jwt/claims.ts']
    },
    {
        name: 'small objects that weigh nothing',
        file: 'lib/jwt/token-cache.ts',
        find: 'let sum = 144;',
        replace: 'let sum = 32;',
        tests: ['test/jwt/token-cache.ts']
    },
    {
        name: 'small lists that weigh nothing',
        file: 'lib/jwt/token-cache.ts',
        find: '+ 8 + weigh(item), 56)',
        replace: '+ weigh(item), 8)',
        tests: ['test/jwt/token-cache.ts']
    },
    {
        name: 'properties that weigh their text',
        file: 'lib/jwt/token-cache.ts',
        find: 'sum += 64 + 2 * name.length',
        replace: 'sum += 2 * name.length',
        tests: ['test/jwt/token-cache.ts']
    },
    {
        name: 'sessions without a key that signs',
        file: 'lib/scheme.ts',
        find: 'settings.sessions && !tokens.canSign',
        replace: 'false',
        tests: ['test/jwt/key-resolver.ts']
    },

    // The door

    {
        name: 'claims of any depth',
        file: 'lib/jwt/claims.ts',
        find: 'if (!isShallow(claims)) {',
        replace: 'if (false) {',
        tests: ['test/stories/hostile-tokens.ts']
    },
    {
        name: 'ids with control characters',
        file: 'lib/jwt/claims.ts',
        find: ' && !/[\\0-\\x1f\\x7f]/.test(value)',
        replace: '',
        tests: ['test/stories/hostile-tokens.ts']
    },

    // Whose a token is

    {
        name: 'the everyone name of a token without a session',
        file: 'lib/jwt/access-token.ts',
        find: 'identitiesOf(id, subject, identityOf.everyone,',
        replace: 'identitiesOf(id, subject, session === undefined ? id : identityOf.everyone,',
        tests: ['test/api/revoker.ts']
    },
    {
        name: 'a JWT that names a session, and was signed by the app',
        file: 'lib/jwt/access-token.ts',
        find: 'if (namesSession && began === null) {',
        replace: 'if (namesSession && !claims) {',
        tests: ['test/stories/logout-remembered.ts']
    },
    {
        name: 'an access token of a session whose exp was changed',
        file: 'lib/jwt/claims.ts',
        find: 'return end === String(exp) ? Number(began) : null;',
        replace: 'return end !== undefined && exp !== undefined ? Number(began) : null;',
        tests: ['test/stories/logout-remembered.ts']
    }
];
