'use strict';


module.exports = [

    // The door

    {
        name: 'tokens that scripts can read',
        file: 'lib/api/api.ts',
        find: '...!access && { access_token: accessToken },',
        replace: 'access_token: accessToken,',
        tests: ['test/stories/cookie-jwt.ts']
    }
];
