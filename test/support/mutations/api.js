'use strict';


module.exports = [

    // The door

    {
        name: 'the JWT\'s cookie of a stolen session',
        file: 'lib/api/api.ts',
        find: '            access?.clear(request);\n',
        replace: '',
        tests: ['test/stories/cookie-jwt.ts']
    },
    {
        name: 'tokens that scripts can read',
        file: 'lib/api/api.ts',
        find: '...!access && { access_token: accessToken },',
        replace: 'access_token: accessToken,',
        tests: ['test/stories/cookie-jwt.ts']
    }
];
