'use strict';


module.exports = [

    {
        name: 'metadata of the resource that end their own quotes',
        file: 'lib/options/schema.ts',
        find: '[^\\s"\\\\#',
        replace: '[^\\s#',
        tests: ['test/options/schema.ts']
    },

    // The server that is meant

    {
        name: 'a URL that ioredis takes for a path',
        file: 'lib/options/redis.ts',
        find: '/^rediss?:$/.test(protocol) && ',
        replace: '',
        tests: ['test/options/redis.ts']
    },
    {
        name: 'a URL without a host',
        file: 'lib/options/redis.ts',
        find: 'hostname !== \'\' && ',
        replace: '',
        tests: ['test/options/redis.ts']
    },
    {
        name: 'a password that would be shown as a path',
        file: 'lib/options/redis.ts',
        find: ' && !`${pathname}${search}${hash}`.includes(\'@\')',
        replace: '',
        tests: ['test/options/redis.ts']
    },
    {
        name: 'a client of another package that is taken for options',
        file: 'lib/options/redis.ts',
        find: 'if (!isPlain(redis)) {',
        replace: 'if (!redis) {',
        tests: ['test/options/redis.ts']
    },
    {
        name: 'options of another package',
        file: 'lib/options/redis.ts',
        find: 'if (foreign !== undefined) {',
        replace: 'if (foreign === \'\') {',
        tests: ['test/options/redis.ts']
    },
    {
        name: 'a host whose variable is not set',
        file: 'lib/options/redis.ts',
        find: '&& !(\'host\' in options)',
        replace: '',
        tests: ['test/options/redis.ts']
    },
    {
        name: 'a Cluster that reads from replicas',
        file: 'lib/options/redis.ts',
        find: '(redis as Cluster).options.scaleReads === \'master\'',
        replace: 'redis !== null',
        tests: ['test/options/redis.ts']
    }
];
