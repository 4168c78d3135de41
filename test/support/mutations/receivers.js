'use strict';


module.exports = [

    // What an order token has to be

    {
        name: 'an order token of another type',
        file: 'lib/receivers/order-token.ts',
        find: 'if (!this.#options.types.includes(type)) {',
        replace: 'if (this.#options.types.length === 0) {',
        tests: ['test/receivers/back-channel.ts', 'test/receivers/security-events.ts']
    },
    {
        name: 'an order of a moment to come',
        file: 'lib/receivers/order-token.ts',
        find: ' && iat! * 1000 <= now + this.#options.jwt.clockTolerance',
        replace: '',
        tests: ['test/receivers/back-channel.ts']
    },
    {
        name: 'an order without a moment',
        file: 'lib/receivers/order-token.ts',
        find: 'iat! > 0 && ',
        replace: '',
        tests: ['test/receivers/back-channel.ts']
    },
    {
        name: 'an order whose jti is no name',
        file: 'lib/receivers/order-token.ts',
        find: ' && isText(jti)',
        replace: '',
        tests: ['test/receivers/back-channel.ts']
    },
    {
        name: 'an order whose subject is no name',
        file: 'lib/receivers/order-token.ts',
        find: 'name === undefined || isText(name)',
        replace: 'name === undefined || name !== null',
        tests: ['test/receivers/back-channel.ts']
    },
    {
        name: 'an order nested too deeply',
        file: 'lib/receivers/order-token.ts',
        find: 'isShallow(payload) && ',
        replace: '',
        tests: ['test/receivers/back-channel.ts']
    },
    {
        name: 'an order that is judged by the clock of a later moment',
        file: 'lib/receivers/order-token.ts',
        find: 'currentDate: new Date(now)',
        replace: 'currentDate: new Date()',
        tests: ['test/receivers/order-token.ts']
    },
    {
        name: 'an order that has no end',
        file: 'lib/receivers/order-token.ts',
        find: '[\'iat\', \'jti\', ...required]',
        replace: '[\'iat\', \'jti\']',
        tests: ['test/receivers/order-token.ts']
    },
    {
        name: 'an order that is refused for a key that was published just now',
        file: 'lib/receivers/order-token.ts',
        find: 'this.#isRemote && error instanceof Refusal',
        replace: 'false as boolean',
        tests: ['test/receivers/order-token.ts']
    },
    {
        name: 'a key set that is not fetched for a new key of a sender',
        file: 'lib/receivers/order-token.ts',
        find: 'keyResolver({ ...jwt, key, algorithms }, onError, rest)',
        replace: 'keyResolver({ ...jwt, key, algorithms }, onError)',
        tests: ['test/receivers/order-token.ts']
    },

    // Back-channel logout

    {
        name: 'an ID token that passes for a logout token',
        file: 'lib/receivers/back-channel.ts',
        find: ' || nonce !== undefined',
        replace: '',
        tests: ['test/receivers/back-channel.ts']
    },
    {
        name: 'a logout token without its event',
        file: 'lib/receivers/back-channel.ts',
        find: 'if (!isEvent || nonce',
        replace: 'if (nonce',
        tests: ['test/receivers/back-channel.ts']
    },
    {
        name: 'a logout event that is no object',
        file: 'lib/receivers/back-channel.ts',
        find: ' && isObject(events[event])',
        replace: '',
        tests: ['test/receivers/back-channel.ts']
    },
    {
        name: 'a logout token that names nobody',
        file: 'lib/receivers/back-channel.ts',
        find: ' || sub === undefined && sid === undefined',
        replace: '',
        tests: ['test/receivers/back-channel.ts']
    },

    {
        name: 'offline access that survives its revocation',
        file: 'lib/receivers/back-channel.ts',
        find: ' && !revokesOfflineAccess(claims)',
        replace: '',
        tests: ['test/receivers/back-channel.ts']
    },
    {
        name: 'a session that ends for good where it goes on',
        file: 'lib/receivers/ending.ts',
        find: 'options.isSuspended ? options.issued! + 1 : undefined',
        replace: 'undefined',
        tests: ['test/receivers/back-channel.ts']
    },
    {
        name: 'a session that goes on where nothing says so',
        file: 'lib/receivers/back-channel.ts',
        find: 'const isSuspended = keepOfflineAccess && ',
        replace: 'const isSuspended = ',
        tests: ['test/receivers/back-channel.ts']
    },

    // What an order ends

    {
        name: 'a replayed order that ends logins since',
        file: 'lib/receivers/ending.ts',
        find: 'return issued - clockTolerance + 1;',
        replace: 'return undefined;',
        tests: ['test/receivers/back-channel.ts']
    },
    {
        name: 'an order that refuses the logins of the next seconds',
        file: 'lib/receivers/ending.ts',
        find: 'return issued - clockTolerance + 1;',
        replace: 'return issued + 1;',
        tests: ['test/receivers/back-channel.ts']
    },
    {
        name: 'sessions of another clock that survive an order',
        file: 'lib/receivers/ending.ts',
        find: '(own ? clockTolerance : 0)',
        replace: '0',
        tests: ['test/receivers/ending.ts']
    },
    {
        name: 'an order that ends sessions to come',
        file: 'lib/receivers/ending.ts',
        find: 'return before > Date.now() ? undefined : before;',
        replace: 'return before;',
        tests: ['test/receivers/ending.ts']
    },
    {
        name: 'an issuer from find() that the strategy does not have',
        file: 'lib/receivers/ending.ts',
        find: 'settings.jwt.issuer.includes(issuer)',
        replace: 'issuer !== null',
        tests: ['test/receivers/ending.ts']
    },
    {
        name: 'an answer of find() that names nobody',
        file: 'lib/receivers/ending.ts',
        find: 'Hoek.assert(isText(subject ?? session)',
        replace: 'Hoek.assert(true',
        tests: ['test/receivers/ending.ts']
    },
    {
        name: 'an order that is lost while find() fails',
        file: 'lib/receivers/ending.ts',
        find: 'throw new Outage(\'find() failed\', { cause: error });',
        replace: 'throw error;',
        tests: ['test/receivers/ending.ts']
    },

    // No order is lost

    {
        name: 'an order that is given up without a word',
        file: 'lib/receivers/orders.ts',
        find: '(progress.hasResponse || error instanceof Outage)',
        replace: 'progress.hasResponse',
        tests: ['test/receivers/orders.ts']
    },
    {
        name: 'an order that the app forbids after the response',
        file: 'lib/receivers/orders.ts',
        find: '(progress.hasResponse || error instanceof Outage)',
        replace: '(error instanceof Outage)',
        tests: ['test/receivers/orders.ts']
    },
    {
        name: 'an order that is tried once',
        file: 'lib/receivers/orders.ts',
        find: 'this.#background.insist(order.end)',
        replace: 'order.end()',
        tests: ['test/receivers/orders.ts']
    },
    {
        name: 'an order that is verified once',
        file: 'lib/receivers/orders.ts',
        find: 'return await this.#background.insist(verify);',
        replace: 'return await verify();',
        tests: ['test/receivers/orders.ts']
    },
    {
        name: 'strangers who fill the memory while a key set is away',
        file: 'lib/receivers/orders.ts',
        find: 'if (this.#unverified >= maxUnverified) {',
        replace: 'if (this.#unverified < 0) {',
        tests: ['test/receivers/orders.ts']
    },
    {
        name: 'a sender that is kept waiting for good',
        file: 'lib/receivers/orders.ts',
        find: 'return await within(work, delivery.maxWait, systemClock, () => new Outage(\'The sender does not wait any longer\'));',
        replace: 'return await (within.length > 0 ? work : work);',
        tests: ['test/receivers/orders.ts']
    },
    {
        name: 'an order that is carried out as often as it is sent',
        file: 'lib/receivers/orders.ts',
        find: '        if (known) {\n            return await known;\n        }\n',
        replace: '',
        tests: ['test/receivers/orders.ts']
    },
    {
        name: 'a line of the log for what turns out to be no order',
        file: 'lib/receivers/orders.ts',
        find: 'if (error instanceof InvalidRequest) {',
        replace: 'if (error instanceof KeySetOutage) {',
        tests: ['test/receivers/orders.ts']
    },

    // Whose orders they are

    {
        name: 'orders that would end nothing',
        file: 'lib/receivers/order-token.ts',
        find: 'if (!find && jwt.issuer.length > 0 && !jwt.issuer.includes(issuer)) {',
        replace: 'if (issuer === \'\') {',
        tests: ['test/receivers/order-token.ts']
    },
    {
        name: 'a sender that is any of several',
        file: 'lib/receivers/order-token.ts',
        find: ' || settings.issuer === undefined && jwt.issuer.length > 1',
        replace: '',
        tests: ['test/receivers/order-token.ts']
    },
    {
        name: 'a sender that speaks for another issuer',
        file: 'lib/receivers/subject.ts',
        find: 'isText(sub) && issuers.includes(iss as string)',
        replace: 'isText(sub)',
        tests: ['test/receivers/subject.ts']
    },
    {
        name: 'an id of any issuer',
        file: 'lib/receivers/subject.ts',
        find: 'isText(id) && issuers.length === 1',
        replace: 'isText(id)',
        tests: ['test/receivers/subject.ts']
    },

    // Global token revocation

    {
        name: 'a revocation that anybody may order',
        file: 'lib/receivers/global-token-revocation.ts',
        find: '        return fail(route, \'needs audience, the URL by which the sender knows it, or an auth of its own\');',
        replace: '        return { issuers: [\'\'], authenticate: async () => ({ issuer: null, jti: null }) };',
        tests: ['test/receivers/global-token-revocation.ts']
    },
    {
        name: 'the JWT of a sender that is used twice in a process',
        file: 'lib/receivers/global-token-revocation.ts',
        find: 'if (isOther(used.get(name))) {',
        replace: 'if (used.size < 0) {',
        tests: ['test/receivers/global-token-revocation.ts']
    },
    {
        name: 'the JWT of a sender that is used twice in two processes',
        file: 'lib/receivers/global-token-revocation.ts',
        find: 'if (isOther(await store.exchange(`order:${name}`, mark, maxAge + 2 * maxSkew))) {',
        replace: 'if (await store.exchange(`order:${name}`, mark, maxAge + 2 * maxSkew) === \'\') {',
        tests: ['test/receivers/global-token-revocation.ts']
    },
    {
        name: 'a sender that is taken for another after an outage',
        file: 'lib/receivers/global-token-revocation.ts',
        find: 'typeof known === \'string\' && known !== mark',
        replace: 'typeof known === \'string\'',
        tests: ['test/receivers/global-token-revocation.ts']
    },
    {
        name: 'the JWT of another integration',
        file: 'lib/receivers/global-token-revocation.ts',
        find: 'client && !client.includes(sub!) || ',
        replace: '',
        tests: ['test/receivers/global-token-revocation.ts']
    },
    {
        name: 'the JWT of a sender of long ago',
        file: 'lib/receivers/global-token-revocation.ts',
        find: ' || iat * 1000 < now - maxAge',
        replace: '',
        tests: ['test/receivers/global-token-revocation.ts']
    },
    {
        name: 'a success for a user whom nobody knows',
        file: 'lib/receivers/global-token-revocation.ts',
        find: 'return isKnown ? respond(h, 204) :',
        replace: 'return isKnown !== null ? respond(h, 204) :',
        tests: ['test/receivers/global-token-revocation.ts']
    },

    // Security events

    {
        name: 'a security event that is no object',
        file: 'lib/receivers/security-events.ts',
        find: ' || !Object.values(events).every(isObject)',
        replace: '',
        tests: ['test/receivers/security-events.ts']
    },
    {
        name: 'a security event that the app does not act upon',
        file: 'lib/receivers/security-events.ts',
        find: 'type !== undefined && acted.includes(type)',
        replace: 'type !== undefined',
        tests: ['test/receivers/security-events.ts']
    },
    {
        name: 'an account of which one session ends',
        file: 'lib/receivers/security-events.ts',
        find: 'return subject === undefined ? [] : [{ issuer, subject, identifier }];',
        replace: 'return subject === undefined ? [] : [{ issuer, session, identifier }];',
        tests: ['test/receivers/security-events.ts']
    },

    // The body, and the route

    {
        name: 'a body of any type',
        file: 'lib/receivers/body.ts',
        find: 'if (given!.trim().toLowerCase() !== type) {',
        replace: 'if (given === type.toUpperCase()) {',
        tests: ['test/receivers/body.ts']
    },
    {
        name: 'a parameter that is repeated',
        file: 'lib/receivers/body.ts',
        find: 'if (form.has(name)) {',
        replace: 'if (form.size < 0) {',
        tests: ['test/receivers/body.ts']
    },
    {
        name: 'a body nested too deeply',
        file: 'lib/receivers/body.ts',
        find: ' && isShallow(value)',
        replace: '',
        tests: ['test/receivers/body.ts']
    },
    {
        name: 'a handler for any method',
        file: 'lib/receivers/receivers.ts',
        find: 'if (route.method !== kind.method) {',
        replace: 'if (route.method === \'\') {',
        tests: ['test/receivers/receivers.ts']
    },
    {
        name: 'a strategy that is there only when it is needed',
        file: 'lib/receivers/receivers.ts',
        find: '        this.#handlers.forEach((create) => create());\n',
        replace: '',
        tests: ['test/receivers/receivers.ts']
    },
    {
        name: 'a cookie that prevents an order',
        file: 'lib/receivers/receivers.ts',
        find: 'state: { parse: false, failAction: \'ignore\' },',
        replace: '',
        tests: ['test/receivers/receivers.ts']
    },
    {
        name: 'an order that needs a login',
        file: 'lib/receivers/receivers.ts',
        find: 'auth: false,',
        replace: '',
        tests: ['test/receivers/receivers.ts']
    }
];
