'use strict';

// The rooms of lib, the highest first: a room may import from those below it, and from no other. `npm run test:lint` checks it, type imports included.

const rooms = ['api', 'receivers', 'request', 'cli', 'sessions', 'jwt', 'status', 'blacklist', 'store', 'options', 'types', 'errors', 'client'];


module.exports = {
    forbidden: [
        {
            name: 'no-circle',
            comment: 'Files that import each other, also in a round, cannot be read one after the other.',
            severity: 'error',
            from: {},
            to: { circular: true }
        },
        {
            name: 'no-front-door',
            comment: 'lib/index.ts and lib/scheme.ts are where one comes in. No room knows them.',
            severity: 'error',
            from: { path: '^lib/[^/]+/' },
            to: { path: '^lib/[^/]+\\.ts$' }
        },
        {
            name: 'cli-knows-no-hapi',
            comment: 'The command line runs without a server.',
            severity: 'error',
            from: { path: '^lib/cli/' },
            to: { path: 'node_modules/@hapi/hapi' }
        },
        {
            name: 'client-imports-nothing',
            comment: 'A browser loads it as it is.',
            severity: 'error',
            from: { path: '^lib/client/' },
            to: { pathNot: '^lib/client/' }
        },
        ...rooms.slice(1).map((room, i) => ({
            name: `${room}-knows-only-what-is-below`,
            comment: `lib/${room}/ may not know the rooms above it: ${rooms.slice(0, i + 1).join(', ')}.`,
            severity: 'error',
            from: { path: `^lib/${room}/` },
            to: { path: `^lib/(${rooms.slice(0, i + 1).join('|')})/` }
        }))
    ],
    options: {
        doNotFollow: { path: 'node_modules' },
        tsPreCompilationDeps: true,
        tsConfig: { fileName: 'tsconfig.json' }
    }
};
