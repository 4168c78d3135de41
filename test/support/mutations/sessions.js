'use strict';


module.exports = [

    // Clocks

    {
        name: 'a cut-off for sessions by another clock than theirs',
        file: 'lib/scheme.ts',
        find: 'Math.max(Date.now(), await sessionStore.stamp(subject, jwt.maxAge))',
        replace: 'Date.now()',
        tests: ['test/stories/arrangements.ts']
    },

    // Joining

    {
        name: 'a strategy that does not say how long its tokens live',
        file: 'lib/scheme.ts',
        find: '        blacklist.register({ ...logout.terms(issuer), name: issuer });\n',
        replace: '',
        tests: ['test/stories/old-data.ts']
    },

    // Several strategies of one issuer

    {
        name: 'a session that is revoked for as long as one strategy accepts its tokens',
        file: 'lib/sessions/logout.ts',
        find: ', terms: { ...this.terms(issuer), life } };',
        replace: ' };',
        tests: ['test/stories/issuers.ts']
    },
    {
        name: 'a cut-off for as long as one strategy accepts what is older',
        file: 'lib/sessions/logout.ts',
        find: ', terms: this.terms(issuer) };',
        replace: ' };',
        tests: ['test/stories/issuers.ts']
    },
    {
        name: 'a token for as long as the strategy accepts it where it was revoked',
        file: 'lib/sessions/logout.ts',
        find: 'life: isCut ? maxAge : undefined',
        replace: 'life: isCut ? undefined : undefined',
        tests: ['test/stories/issuers.ts']
    },
    {
        name: 'a token without the clock tolerance of others',
        file: 'lib/sessions/logout.ts',
        find: '{ ...tokenRevocation(access), terms: this.#tokenTerms(access) }',
        replace: 'tokenRevocation(access)',
        tests: ['test/stories/issuers.ts']
    },
    {
        name: 'a token by its jti, for as long as one strategy accepts it',
        file: 'lib/sessions/logout.ts',
        find: '{ ...revocation, terms: { ...this.terms(issuer), life: maxAge } }',
        replace: 'revocation',
        tests: ['test/stories/issuers.ts']
    },

    // The door

    {
        name: 'a refresh token that was damaged',
        file: 'lib/sessions/refresh-token.ts',
        find: ' && seal([bytes.subarray(0, checksumStart)]).equals(bytes)',
        replace: '',
        tests: ['test/sessions/refresh-token.ts', 'test/stories/properties.ts']
    },

    // Sessions

    {
        name: 'a theft of what has been ended',
        file: 'lib/sessions/refresh-tokens.ts',
        find: 'found.state === \'unknown\' ?',
        replace: 'found.state !== \'live\' ?',
        tests: ['test/sessions/refresh-tokens.ts']
    },
    {
        name: 'a cut-off that ends no refresh tokens',
        file: 'lib/sessions/refresh-tokens.ts',
        find: 'found.state === \'unknown\' ?',
        replace: 'found ?',
        tests: ['test/sessions/refresh-tokens.ts']
    },
    {
        name: 'a theft that ends nothing',
        file: 'lib/sessions/refresh-tokens.ts',
        find: '        await logout.endSession(resolved.issuer, resolved.session);\n',
        replace: '',
        tests: ['test/sessions/refresh-tokens.ts']
    },
    {
        name: 'a theft that nobody is told of',
        file: 'lib/sessions/refresh-tokens.ts',
        find: '        onReuse(resolved, request);\n',
        replace: '',
        tests: ['test/status/events.ts']
    },
    {
        name: 'an access token that outlives its session',
        file: 'lib/sessions/sessions.ts',
        find: 'Math.min(this.#accessTtl, remaining)',
        replace: 'this.#accessTtl',
        tests: ['test/sessions/sessions.ts']
    },

    // How long what is revoked stays so

    {
        name: 'the everyone name of a refresh token of a lookup',
        file: 'lib/sessions/refresh-tokens.ts',
        find: '        const everyone = identify(\'everyone\', issuer);',
        replace: '        const everyone = id;',
        tests: ['test/sessions/refresh-tokens.ts']
    },
    {
        name: 'the clock that issued a refresh token of a lookup',
        file: 'lib/sessions/refresh-tokens.ts',
        find: '(issued ?? 0) - jwt.clockTolerance',
        replace: '(issued ?? 0)',
        tests: ['test/sessions/refresh-tokens.ts']
    },
    {
        name: 'the margin of a token',
        file: 'lib/sessions/logout.ts',
        find: 'Math.max(expires - Date.now(), least) + margin',
        replace: 'Math.max(expires - Date.now(), least)',
        tests: ['test/sessions/logout.ts']
    },
    {
        name: 'a renewal of a token that is ended alone',
        file: 'lib/sessions/logout.ts',
        find: 'Math.max(expires - Date.now(), least)',
        replace: '(expires - Date.now())',
        tests: ['test/sessions/logout.ts']
    },
    {
        name: 'the life of a cut-off',
        file: 'lib/sessions/logout.ts',
        find: 'ttl: Math.max(this.#longest - (Date.now() - issued), margin)',
        replace: 'ttl: margin',
        tests: ['test/sessions/logout.ts']
    },
    {
        name: 'the margin of an old cut-off',
        file: 'lib/sessions/logout.ts',
        find: 'ttl: Math.max(this.#longest - (Date.now() - issued), margin)',
        replace: 'ttl: this.#longest - (Date.now() - issued)',
        tests: ['test/sessions/logout.ts']
    },
    {
        name: 'a cut-off that is kept too long',
        file: 'lib/sessions/logout.ts',
        find: 'ttl: Math.max(this.#longest - (Date.now() - issued), margin)',
        replace: 'ttl: this.#longest',
        tests: ['test/sessions/logout.ts']
    },
    {
        name: 'refresh tokens that outlive access tokens, of a cut-off',
        file: 'lib/sessions/logout.ts',
        find: 'Math.max(jwt.maxAge, (sessions ?? lookup)?.maxAge ?? 0) + jwt.clockTolerance + margin;',
        replace: 'jwt.maxAge + jwt.clockTolerance + margin;',
        tests: ['test/sessions/logout.ts']
    },
    {
        name: 'the clock tolerance and the margin of a cut-off',
        file: 'lib/sessions/logout.ts',
        find: 'Math.max(jwt.maxAge, (sessions ?? lookup)?.maxAge ?? 0) + jwt.clockTolerance + margin;',
        replace: 'Math.max(jwt.maxAge, (sessions ?? lookup)?.maxAge ?? 0);',
        tests: ['test/sessions/logout.ts']
    },
    {
        name: 'the refresh tokens of a session',
        file: 'lib/sessions/logout.ts',
        find: 'Math.max(isOwn ? jwt.ttl : jwt.maxAge, (sessions ?? lookup)?.maxAge ?? 0)',
        replace: '(isOwn ? jwt.ttl : jwt.maxAge)',
        tests: ['test/sessions/logout.ts']
    },
    {
        name: 'the access tokens of a session of another issuer',
        file: 'lib/sessions/logout.ts',
        find: 'Math.max(isOwn ? jwt.ttl : jwt.maxAge, (sessions ?? lookup)?.maxAge ?? 0)',
        replace: 'Math.max(jwt.ttl, (sessions ?? lookup)?.maxAge ?? 0)',
        tests: ['test/sessions/logout.ts']
    },
    {
        name: 'the clock tolerance and the margin of a session',
        file: 'lib/sessions/logout.ts',
        find: 'ttl: ttl + jwt.clockTolerance + margin',
        replace: 'ttl',
        tests: ['test/sessions/logout.ts']
    },
    {
        name: 'the margin of a session whose row is gone',
        file: 'lib/sessions/logout.ts',
        find: 'margin: this.#settings.jwt.clockTolerance + margin',
        replace: 'margin: 0',
        tests: ['test/sessions/logout.ts']
    },
    {
        name: 'the life of a token known by its jti',
        file: 'lib/sessions/logout.ts',
        find: 'expires: Date.now() + maxAge + clockTolerance',
        replace: 'expires: Date.now()',
        tests: ['test/sessions/logout.ts']
    }
];
