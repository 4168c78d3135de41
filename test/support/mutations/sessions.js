'use strict';


module.exports = [

    // Joining

    {
        name: 'a strategy that does not say how long its tokens live',
        file: 'lib/sessions/logout.ts',
        find: '        blacklist.bound(this.#longest);\n',
        replace: '',
        tests: ['test/stories/old-data.ts']
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
    }
];
