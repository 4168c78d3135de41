'use strict';

module.exports = [
    {
        name: 'a login in the example that leaves the session alive whose cookie it replaces',
        file: 'example/tokens.ts',
        find: 'if (auth.isAuthenticated) {',
        replace: 'if (auth.isAuthenticated === null) {',
        tests: ['test/stories/example.ts']
    },
    {
        name: 'a login in the example while nobody knows whether there is a session',
        file: 'example/tokens.ts',
        find: 'if (Boom.isBoom(auth.error) && auth.error.isServer) {',
        replace: 'if (auth.error === undefined) {',
        tests: ['test/stories/example.ts']
    },
    {
        name: 'a login in the example by what a page of another site can send without asking',
        file: 'example/tokens.ts',
        find: 'defaultContentType: \'application/octet-stream\', ',
        replace: '',
        tests: ['test/stories/example.ts']
    }
];
