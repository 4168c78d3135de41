'use strict';

module.exports = {
    assert: '@hapi/code',
    'coverage-path': 'lib',
    flat: true,
    leaks: true,
    paths: ['test', 'test/api', 'test/blacklist', 'test/cli', 'test/client', 'test/errors', 'test/jwt', 'test/options', 'test/receivers', 'test/request', 'test/sessions', 'test/status', 'test/store', 'test/stories'],
    timeout: 20000,
    typescript: true
};
