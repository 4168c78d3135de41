'use strict';

module.exports = {
    method: 'GET',
    path: '/composed',
    options: {
        handler: () => null
    }
};
