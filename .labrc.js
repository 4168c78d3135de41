'use strict';

module.exports = {
    assert: '@hapi/code',
    'coverage-path': 'lib',
    flat: true,
    leaks: true,
    paths: ['test', 'test/store'],
    timeout: 20000,
    typescript: true
};
