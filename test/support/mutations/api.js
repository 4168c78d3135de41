'use strict';


module.exports = [

    // What revoke() is told

    {
        name: 'a moment in seconds, by which nothing is revoked',
        file: 'lib/api/revoker.ts',
        find: 'moment >= earliest',
        replace: 'moment >= 0',
        tests: ['test/api/revoker.ts']
    },
    {
        name: 'the user of the same name of each issuer',
        file: 'lib/api/revoker.ts',
        find: '[subject, session, jti].every((name) => name === undefined)',
        replace: '[subject, session, jti].length > 0',
        tests: ['test/api/revoker.ts']
    },
    {
        name: 'a session of an unknown issuer, taken for one of the first',
        file: 'lib/api/revoker.ts',
        find: 'if (sessions && named !== undefined && sessionAddress(named)) {',
        replace: 'if (named !== undefined && sessionAddress(named)) {',
        tests: ['test/api/revoker.ts']
    },
    {
        name: 'a repeated revocation that does not wait for the first',
        file: 'lib/api/revoker.ts',
        find: '            await this.#parts.blacklist.confirm();\n',
        replace: '',
        tests: ['test/api/revoker.ts']
    },

    // The door

    {
        name: 'tokens that scripts can read',
        file: 'lib/request/response.ts',
        find: '...!access && { access_token: accessToken },',
        replace: 'access_token: accessToken,',
        tests: ['test/stories/cookie-jwt.ts']
    },

    // What is refused before it does anything

    {
        name: 'an issuer that the strategy does not know',
        file: 'lib/api/revoker.ts',
        find: '        Hoek.assert(issuer === undefined || issuers.includes(issuer), \'revoke() needs an issuer of the strategy\');\n',
        replace: '',
        tests: ['test/api/revoker.ts']
    },
    {
        name: 'issued claims of any depth',
        file: 'lib/api/api.ts',
        find: '        Hoek.assert(isShallow(claims), \'issue() needs claims that are nested less deeply\');\n',
        replace: '',
        tests: ['test/api/api.ts']
    }
];
