'use strict';

// Of the endpoints of OAuth

module.exports = [

    // Who asks

    {
        name: 'a token of another client, renewed or revoked',
        file: 'lib/receivers/endpoint.ts',
        find: ' && client !== owner',
        replace: ' && false',
        tests: ['test/receivers/endpoint.ts']
    },
    {
        name: 'a client that is whoever it says it is, though it was authenticated',
        file: 'lib/receivers/endpoint.ts',
        find: 'auth.isAuthenticated ? auth.credentials.client_id : form.get(\'client_id\')',
        replace: 'form.get(\'client_id\') ?? auth.credentials?.client_id',
        tests: ['test/receivers/endpoint.ts']
    },
    {
        name: 'a client that is not told in OAuth\'s shape that it was refused',
        file: 'lib/receivers/receivers.ts',
        find: 'this.#isEndpoint(request) ? reshape(request, h) : h.continue',
        replace: 'h.continue',
        tests: ['test/receivers/endpoint.ts']
    },
    {
        name: 'a refusal of an endpoint that is stored',
        file: 'lib/receivers/endpoint.ts',
        find: '        headers[\'cache-control\'] = \'no-store\';\n',
        replace: '',
        tests: ['test/receivers/endpoint.ts']
    },
    {
        name: 'a 503 that does not say when to ask again',
        file: 'lib/receivers/endpoint.ts',
        find: '.header(\'retry-after\', \'1\')',
        replace: '',
        tests: ['test/receivers/endpoint.ts']
    },

    // Revocation

    {
        name: 'a token that is called dead while a process accepts it',
        file: 'lib/receivers/revocation.ts',
        find: '                await blacklist.confirm();\n',
        replace: '',
        tests: ['test/receivers/revocation.ts']
    },
    {
        name: 'a token that is called dead, though something else accepts it',
        file: 'lib/receivers/revocation.ts',
        find: 'if (!error.isCertain) {',
        replace: 'if (false) {',
        tests: ['test/receivers/revocation.ts']
    },
    {
        name: 'an outage that passes for an unknown token',
        file: 'lib/receivers/revocation.ts',
        find: 'if (!(error instanceof Refusal)) {',
        replace: 'if (false) {',
        tests: ['test/receivers/revocation.ts']
    },
    {
        name: 'a logout with an expired access token',
        file: 'lib/receivers/revocation.ts',
        find: ', { tolerateExpiry: true }',
        replace: '',
        tests: ['test/receivers/revocation.ts']
    },
    {
        name: 'a refresh token of an app in the form of a JWT',
        file: 'lib/receivers/revocation.ts',
        find: ' || isJwt && !settings.lookup',
        replace: ' || isJwt',
        tests: ['test/receivers/revocation.ts']
    },

    // Introspection

    {
        name: 'an oracle for strangers',
        file: 'lib/receivers/introspection.ts',
        find: '!auth || auth.mode !== \'required\'',
        replace: '!auth',
        tests: ['test/receivers/introspection.ts']
    },
    {
        name: 'a revoked token that is alive to other services',
        file: 'lib/receivers/introspection.ts',
        find: 'isRevoked(access.stamp, await latestCutoff(blacklist, access))',
        replace: 'false',
        tests: ['test/receivers/introspection.ts']
    },
    {
        name: 'a token that is called dead while that is not known',
        file: 'lib/receivers/introspection.ts',
        find: 'if (error instanceof Refusal) {',
        replace: 'if (error) {',
        tests: ['test/receivers/introspection.ts']
    },
    {
        name: 'a user who was blocked, alive to other services',
        file: 'lib/receivers/introspection.ts',
        find: 'if (validate) {',
        replace: 'if (false) {',
        tests: ['test/receivers/introspection.ts']
    },
    {
        name: 'a token that is believed for longer than the strategy believes it',
        file: 'lib/receivers/introspection.ts',
        find: '        exp: Math.floor((expires - jwt.clockTolerance) / 1000)\n',
        replace: '',
        tests: ['test/receivers/introspection.ts']
    },
    {
        name: 'a token that says itself that it is dead, or of another kind',
        file: 'lib/receivers/introspection.ts',
        find: '        ...claims,\n        active: true,\n        token_type: \'Bearer\',\n',
        replace: '        active: true,\n        token_type: \'Bearer\',\n        ...claims,\n',
        tests: ['test/receivers/introspection.ts']
    },

    // Renewal

    {
        name: 'a grant that is none of a refresh token',
        file: 'lib/receivers/token-endpoint.ts',
        find: 'if (required(form, \'grant_type\') !== \'refresh_token\') {',
        replace: 'if (!required(form, \'grant_type\')) {',
        tests: ['test/receivers/token-endpoint.ts']
    },
    {
        name: 'a scope that grows with a renewal',
        file: 'lib/receivers/token-endpoint.ts',
        find: 'if (wanted.split(\' \').some((one) => !granted.split(\' \').includes(one))) {',
        replace: 'if (false) {',
        tests: ['test/receivers/token-endpoint.ts']
    },
    {
        name: 'a user who was blocked, and renews',
        file: 'lib/receivers/token-endpoint.ts',
        find: 'if (validate) {',
        replace: 'if (false) {',
        tests: ['test/receivers/token-endpoint.ts']
    },
    {
        name: 'a renewal that a cache keeps',
        file: 'lib/receivers/token-endpoint.ts',
        find: '.header(\'pragma\', \'no-cache\')',
        replace: '',
        tests: ['test/receivers/token-endpoint.ts']
    },

    // Metadata

    {
        name: 'an endpoint of another strategy, named to the clients of this one',
        file: 'lib/receivers/metadata.ts',
        find: '.filter((each) => each.strategy === name)',
        replace: '',
        tests: ['test/receivers/metadata.ts']
    },
    {
        name: 'clients with a secret, that are told to need none',
        file: 'lib/receivers/metadata.ts',
        find: 'route.settings.auth ? {} : ',
        replace: '',
        tests: ['test/receivers/metadata.ts']
    }
];
