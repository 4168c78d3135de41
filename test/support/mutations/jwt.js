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
        tests: ['test/jwt/key-resolver.ts']
    },
    {
        name: 'RSA-PSS where PKCS #1 is meant',
        file: 'lib/jwt/signature.ts',
        find: 'if (family === \'RS\') {\n        return verify(hash, data, key, bytes)',
        replace: 'if (family === \'RS\') {\n        return verify(hash, data, key, bytes) || verify(hash, data, { key, padding: constants.RSA_PKCS1_PSS_PADDING }, bytes)',
        tests: ['test/jwt/key-resolver.ts']
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
        find: 'access?.authorization === header ? access : undefined',
        replace: 'access',
        tests: ['test/jwt/token-cache.ts']
    },
    {
        name: 'a remembered token by the end of its text, its length and its scheme',
        file: 'lib/jwt/token-cache.ts',
        find: ' && header.endsWith(token)',
        replace: '',
        tests: ['test/jwt/token-cache.ts']
    },
    {
        name: 'a remembered token by the end of its text and its scheme',
        file: 'lib/jwt/token-cache.ts',
        find: 'header.length === prefix.length + token.length && ',
        replace: '',
        tests: ['test/jwt/token-cache.ts']
    },
    {
        name: 'a remembered token by a header of another scheme',
        file: 'lib/jwt/token-cache.ts',
        find: ' && header.startsWith(prefix)',
        replace: '',
        tests: ['test/jwt/token-cache.ts']
    },
    {
        name: 'a remembered token by a header that brought another',
        file: 'lib/jwt/token-cache.ts',
        find: 'header !== undefined && isBearer(header, token)',
        replace: 'header !== undefined',
        tests: ['test/jwt/token-cache.ts']
    },
    {
        name: 'a remembered token that is in use, when it gets tight',
        file: 'lib/jwt/token-cache.ts',
        find: '2 * size <= max && 2 * calculatedSize <= maxSize',
        replace: 'true',
        tests: ['test/jwt/token-cache.ts']
    },
    {
        name: 'a scope that others are given as well',
        file: 'lib/jwt/credentials.ts',
        find: '(copied.scope as readonly string[]).slice()',
        replace: 'copied.scope',
        tests: ['test/jwt/token-cache.ts']
    },

    // The door

    {
        name: 'claims of any depth',
        file: 'lib/jwt/claims.ts',
        find: '        isShallow(claims) &&\n',
        replace: '',
        tests: ['test/stories/hostile-tokens.ts']
    },
    {
        name: 'ids with control characters',
        file: 'lib/jwt/claims.ts',
        find: ' && !/[\\0-\\x1f\\x7f]/.test(value)',
        replace: '',
        tests: ['test/stories/hostile-tokens.ts']
    }
];
