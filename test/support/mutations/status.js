'use strict';


module.exports = [

    // What strategies have in common

    {
        name: 'strategies that do not agree',
        file: 'lib/index.ts',
        find: 'monitor.disagree(await disagreements(routes.strategies(), settings.lease, store));',
        replace: 'await disagreements(routes.strategies(), settings.lease, store);',
        tests: ['test/index.ts']
    },
    {
        name: 'strategies that agree',
        file: 'lib/status/agreement.ts',
        find: '|| other === own',
        replace: '',
        tests: ['test/status/agreement.ts']
    },
    {
        name: 'strategies of other issuers',
        file: 'lib/status/agreement.ts',
        find: 'identify(\'everyone\', issuer)',
        replace: 'identify(\'everyone\', \'\')',
        tests: ['test/status/agreement.ts']
    },

    // Events

    {
        name: 'a listener whose mistake nobody sees',
        file: 'lib/status/events.ts',
        find: 'if (result.status === \'rejected\') {',
        replace: 'if (result.status === \'fulfilled\') {',
        tests: ['test/status/events.ts']
    },

    {
        name: 'logins that are refused, and not a word of it',
        file: 'lib/status/events.ts',
        find: 'Math.floor((cutoff + jwt.clockTolerance) / 1000) + 1',
        replace: 'Math.floor(cutoff / 1000) + 1',
        tests: ['test/status/events.ts']
    },
    {
        name: 'logins that are said to be refused where sessions tell them apart',
        file: 'lib/status/events.ts',
        find: '!== \'everyone\' || sessions ? 0',
        replace: '!== \'everyone\' ? 0',
        tests: ['test/status/events.ts']
    },
    {
        name: 'an event with the tokens of the request',
        file: 'lib/status/events.ts',
        find: 'by: by ? partyOf(by) : null,',
        replace: 'by: by ? { ...by, session: by.session ?? null } : null,',
        tests: ['test/status/events.ts']
    },
    {
        name: 'an event with the tokens of the session',
        file: 'lib/status/events.ts',
        find: 'this.audit(type, { strategy, issuer, subject, session }, { request, actor: actors?.map(partyOf)[0] });',
        replace: 'this.audit(type, { strategy, ...arguments[1].session }, { request, actor: actors?.map(partyOf)[0] });',
        tests: ['test/status/events.ts']
    },
    {
        name: 'an address in an event that nobody wanted there',
        file: 'lib/status/events.ts',
        find: '...this.#options.client !== false && {',
        replace: '...{',
        tests: ['test/status/events.ts']
    },
    {
        name: 'addresses by default',
        file: 'lib/options/schema.ts',
        find: 'client: Joi.alternatives(Joi.boolean(), Joi.function()).default(false)',
        replace: 'client: Joi.alternatives(Joi.boolean(), Joi.function()).default(true)',
        tests: ['test/status/events.ts', 'test/options/schema.ts']
    },
    {
        name: 'an event as long as its client likes',
        file: 'lib/status/events.ts',
        find: 'text?.slice(0, maxText)',
        replace: 'text?.slice(0)',
        tests: ['test/status/events.ts']
    },
    {
        name: 'an actor who is in no event',
        file: 'lib/status/events.ts',
        find: 'actor: actor ?? acting ?? null,',
        replace: 'actor: actor ?? null,',
        tests: ['test/status/events.ts']
    },
    {
        name: 'a thief whose session nobody knows to be an agent\'s',
        file: 'lib/sessions/refresh-tokens.ts',
        find: 'session: sessionId(parsed), actors };',
        replace: 'session: sessionId(parsed) };',
        tests: ['test/status/events.ts']
    },
    {
        name: 'somebody who was not authenticated, in an event',
        file: 'lib/request/artifacts.ts',
        find: 'RequestArtifacts.authentication(auth.artifacts) : undefined;\n    return { by: authentication?.tokens',
        replace: '{ tokens: auth.artifacts } : undefined;\n    return { by: authentication?.tokens',
        tests: ['test/status/events.ts']
    },

    // Metrics

    {
        name: 'revocations that are measured for nobody',
        file: 'lib/status/metrics.ts',
        find: 'return revocationDuration.hasSubscribers ?',
        replace: 'return revocationDuration ?',
        tests: ['test/status/metrics.ts']
    },
    {
        name: 'confirmations that are measured for nobody',
        file: 'lib/status/metrics.ts',
        find: 'return confirmationDuration.hasSubscribers ?',
        replace: 'return confirmationDuration ?',
        tests: ['test/status/metrics.ts']
    },
    {
        name: 'refusals that are looked for though nobody counts them',
        file: 'lib/status/metrics.ts',
        find: '!refusals.hasSubscribers || ',
        replace: '',
        tests: ['test/status/metrics.ts']
    },
    {
        name: 'a refusal that counts twice',
        file: 'lib/status/metrics.ts',
        find: '        counted.add(request);\n',
        replace: '',
        tests: ['test/status/metrics.ts']
    },
    {
        name: 'a failed revocation that looks like a success',
        file: 'lib/status/metrics.ts',
        find: '{ ...attributes, ...failure }',
        replace: '{ ...attributes }',
        tests: ['test/status/metrics.ts']
    },
    {
        name: 'milliseconds where all take them for seconds',
        file: 'lib/status/metrics.ts',
        find: '(performance.now() - began) / 1000',
        replace: '(performance.now() - began) * 1000',
        tests: ['test/status/metrics.ts']
    },
    {
        name: 'metrics with the app\'s own codes',
        file: 'lib/request/challenge.ts',
        find: 'return typeof value === \'string\' && (',
        replace: 'return typeof value === \'string\' || (',
        tests: ['test/status/metrics.ts']
    },
    {
        name: 'an explanation that counts as a refusal',
        file: 'lib/request/response.ts',
        find: 'isCode(code) && response!.statusCode >= 400',
        replace: 'isCode(code)',
        tests: ['test/status/metrics.ts']
    },
    {
        name: 'a failed logout that is no refusal',
        file: 'lib/request/logout-hooks.ts',
        find: '        this.#responses.count(request);\n',
        replace: '',
        tests: ['test/status/metrics.ts']
    },
    {
        name: 'a refusal that a page hides',
        file: 'lib/request/response.ts',
        find: '            this.count(request);\n',
        replace: '',
        tests: ['test/status/metrics.ts']
    },
    {
        name: 'logouts that are not measured',
        file: 'lib/sessions/logout.ts',
        find: 'await measureRevocation(ending.extent, () => this.#write(ending, order))',
        replace: 'await this.#write(ending, order)',
        tests: ['test/status/metrics.ts']
    },
    {
        name: 'evictions that are not measured',
        file: 'lib/sessions/logout.ts',
        find: 'await measureRevocation(\'session\', () => this.#pending.revoke(revocations))',
        replace: 'await this.#pending.revoke(revocations)',
        tests: ['test/status/metrics.ts']
    },
    {
        name: 'the end of a stolen session that is not measured',
        file: 'lib/sessions/refresh-tokens.ts',
        find: 'await measureRevocation(\'session\', () => logout.endSession(resolved));',
        replace: 'await logout.endSession(resolved);',
        tests: ['test/status/metrics.ts']
    },
    {
        name: 'confirmations that are not measured',
        file: 'lib/index.ts',
        find: 'confirming: measureConfirmation, ',
        replace: '',
        tests: ['test/status/metrics.ts']
    },

    // Log

    {
        name: 'a line of the log for each attempt to connect',
        file: 'lib/status/monitor.ts',
        find: '        this.#failing.add(connection);\n',
        replace: '',
        tests: ['test/status/monitor.ts']
    },
    {
        name: 'a line of the log for the attempts during an outage',
        file: 'lib/status/monitor.ts',
        find: '            this.#failing.add(\'lease\');\n',
        replace: '',
        tests: ['test/status/monitor.ts']
    },
    {
        name: 'a store that is not examined again after an outage',
        file: 'lib/status/monitor.ts',
        find: '            this.#examine().catch(() => undefined);\n',
        replace: '',
        tests: ['test/status/monitor.ts']
    },
    {
        name: 'a bug that is logged once',
        file: 'lib/status/monitor.ts',
        find: 'if (!(error instanceof Outage)) {',
        replace: 'if (!(error instanceof Error)) {',
        tests: ['test/status/monitor.ts']
    },
    {
        name: 'a lease connection that nobody says is there again',
        file: 'lib/blacklist/membership.ts',
        find: '        this.#options.joined?.();\n',
        replace: '',
        tests: ['test/index.ts']
    },
    {
        name: 'a command connection that nobody says is there again',
        file: 'lib/store/connection.ts',
        find: '.on(\'ready\', onReady)',
        replace: '',
        tests: ['test/store/connection.ts']
    },

    // Health

    {
        name: 'a probe that believes a store that answers without a lease',
        file: 'lib/status/health.ts',
        find: 'return blacklist.status().lease?.heldSince !== null;',
        replace: 'return blacklist !== null;',
        tests: ['test/status/health.ts']
    },
    {
        name: 'a probe that asks no store',
        file: 'lib/status/health.ts',
        find: 'await store.cutoffs(question);',
        replace: 'await Promise.resolve(store);',
        tests: ['test/status/health.ts']
    },
    {
        name: 'a question to the store for each probe',
        file: 'lib/status/health.ts',
        find: 'this.#asking ??= ',
        replace: 'this.#asking = ',
        tests: ['test/status/health.ts']
    },
    {
        name: 'a question that is asked once for good',
        file: 'lib/status/health.ts',
        find: '            this.#asking = null;\n',
        replace: '',
        tests: ['test/status/health.ts']
    },
    {
        name: 'a bug that is taken for an outage',
        file: 'lib/status/health.ts',
        find: 'if (error instanceof Outage) {',
        replace: 'if (error instanceof Error) {',
        tests: ['test/status/health.ts']
    }
];
