'use strict';

const { hardLogout } = require('hapi-auth-hard-logout');


/** Revokes what the old blacklist holds, and answers how many tokens that were: once the last old process has stopped. */
exports.carryOver = async function (server, redis) {

    let count = 0;
    for await (const keys of redis.scanStream({ match: 'blacklist:*' })) {
        for (const key of keys) {
            try {
                await hardLogout(server).revoke({ accessToken: key.replace(/^.* /, '') });
                ++count;
            }
            catch (error) {

                // What does not verify is no token that could live on

                if (error.output?.statusCode !== 401) {
                    throw error;
                }
            }
        }
    }

    return count;
};
