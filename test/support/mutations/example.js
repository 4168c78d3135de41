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
    },
    {
        name: 'a page of the example that listens for a session which ended while it was being authenticated',
        file: 'example/push.ts',
        find: 'await server.auth.verify(request);',
        replace: 'await Promise.resolve();',
        tests: ['test/stories/example-processes.ts']
    },
    {
        name: 'the example telling every page that its session has ended, whichever did',
        file: 'example/push.ts',
        find: 'if (affects(artifacts)) {',
        replace: 'if (affects) {',
        tests: ['test/stories/example-processes.ts']
    },
    {
        name: 'the example ending a session of another user',
        file: 'example/account.ts',
        find: 'const session = sessions.find(({ id }) => id === params.id);',
        replace: 'const session = { id: String(params.id) };',
        tests: ['test/stories/example.ts']
    }
];
