'use strict';


module.exports = [
    {
        name: 'a client that renews although another request has',
        file: 'lib/client/client.ts',
        find: 'if (this.#tokens !== undefined && this.#tokens.access_token !== refused) {',
        replace: 'if (this.#tokens === null) {',
        tests: ['test/client/client.ts']
    },
    {
        name: 'a client that asks for the tokens of a session that has ended',
        file: 'lib/client/client.ts',
        find: '        if (this.#hasEnded) {\n            throw',
        replace: '        if (this.#tokens === null) {\n            throw',
        tests: ['test/client/client.ts']
    },
    {
        name: 'a tab that takes the token of another user',
        file: 'lib/client/client.ts',
        find: 'news.tokens === null || own !== undefined && own !== news.subject',
        replace: 'news.tokens === null',
        tests: ['test/client/client.ts']
    },
    {
        name: 'a 503 that ends the session of a client',
        file: 'lib/client/client.ts',
        find: 'answer.status < 500 && answer.status !== 429',
        replace: 'answer.status !== 429',
        tests: ['test/client/client.ts']
    },
    {
        name: 'a 403 that ends the session of a client',
        file: 'lib/client/client.ts',
        find: 'if (status !== 401 && !(status === 400 && isInvalidGrant(body))) {',
        replace: 'if (status >= 500) {',
        tests: ['test/client/client.ts']
    },
    {
        name: 'a refresh token that was sent twice, and a session that a client takes for ended by it',
        file: 'lib/client/client.ts',
        find: '&& isInvalidGrant(body)',
        replace: '',
        tests: ['test/client/client.ts']
    },
    {
        name: 'tokens that a client uses and has not stored',
        file: 'lib/client/client.ts',
        find: 'await this.#options.save?.(kept);',
        replace: '',
        tests: ['test/client/client.ts']
    },
    {
        name: 'tabs that renew at once',
        file: 'lib/client/client.ts',
        find: '(tabs !== undefined && locks ? locks.request(tabs, work) : work())',
        replace: 'work()',
        tests: ['test/client/client.ts']
    },
    {
        name: 'a renewal for a 401 that is about something else',
        file: 'lib/client/client.ts',
        find: 'code === undefined || code.startsWith(\'access_token_\')',
        replace: 'code !== null',
        tests: ['test/client/client.ts']
    },
    {
        name: 'a logout that was refused, and that a client takes for done',
        file: 'lib/client/client.ts',
        find: 'if (!isSuccess(status)) {\n                throw new SessionUnavailable(`The logout',
        replace: 'if (status >= 500) {\n                throw new SessionUnavailable(`The logout',
        tests: ['test/client/client.ts']
    },
    {
        name: 'a logout that was refused for a token that was not sent, and that a client takes for done',
        file: 'lib/client/client.ts',
        find: 'if (!await this.#canRenew()) {',
        replace: 'if (await this.#end() === undefined) {',
        tests: ['test/client/client.ts']
    },
    {
        name: 'a logout that a client takes for done while no renewal can say that it is',
        file: 'lib/client/client.ts',
        find: 'if (error instanceof SessionEnded) {\n                return false;',
        replace: 'if (error) {\n                return false;',
        tests: ['test/client/client.ts']
    }
];
