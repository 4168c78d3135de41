'use strict';

// Takes each guard of the protocol out in turn: the tests named with it must fail then. Run: node test/support/mutations.js [part of a name]

const ChildProcess = require('child_process');
const Fs = require('fs');
const Os = require('os');
const Path = require('path');


const mutations = [

    // Lease

    {
        name: 'a lease that never ends',
        file: 'lib/blacklist/lease.ts',
        find: 'this.#clock.now() < this.#until &&',
        replace: 'this.#until > 0 &&',
        tests: ['test/blacklist/lease.ts']
    },
    {
        name: 'a lease that a machine\'s suspension does not end',
        file: 'lib/blacklist/lease.ts',
        find: ' && Date.now() < this.#wallUntil',
        replace: '',
        tests: ['test/blacklist/lease.ts', 'test/blacklist/leased.ts']
    },
    {
        name: 'a lease counted from the heartbeat\'s answer',
        file: 'lib/blacklist/lease.ts',
        find: 'Math.max(this.#until, at + this.length)',
        replace: 'this.#clock.now() + this.length',
        tests: ['test/blacklist/lease.ts']
    },
    {
        name: 'a lease counted from the answer of a heartbeat',
        file: 'lib/blacklist/membership.ts',
        find: '            this.lease.renew(mark);\n',
        replace: '            this.lease.renew(this.lease.mark() ?? mark);\n',
        tests: ['test/blacklist/membership.ts']
    },
    {
        name: 'a lease counted from the answer of a join\'s heartbeat',
        file: 'lib/blacklist/membership.ts',
        find: '        const mark = this.lease.mark();\n        await link.beat();\n',
        replace: '        await link.beat();\n        const mark = this.lease.mark();\n',
        tests: ['test/blacklist/membership.ts']
    },
    {
        name: 'a lease that is not dropped',
        file: 'lib/blacklist/lease.ts',
        find: 'this.#until = -Infinity;\n    }',
        replace: '}',
        tests: ['test/blacklist/lease.ts']
    },
    {
        name: 'no time for clocks that differ',
        file: 'lib/blacklist/lease.ts',
        find: 'lease * 1.02 + 10',
        replace: 'lease',
        tests: ['test/blacklist/lease.ts']
    },

    // Joining

    {
        name: 'trust that goes on while subscribing',
        file: 'lib/blacklist/tenure.ts',
        find: '        this.#lease.drop();\n        return isHeld;',
        replace: '        return isHeld;',
        tests: ['test/blacklist/tenure.ts', 'test/blacklist/membership.ts']
    },
    {
        name: 'trust before the blacklist is read',
        file: 'lib/blacklist/membership.ts',
        find: 'await this.#member.load(link);',
        replace: 'void this.#member.load(link);',
        tests: ['test/blacklist/membership.ts', 'test/blacklist/leased.ts']
    },
    {
        name: 'a heartbeat before the subscription',
        file: 'lib/blacklist/membership.ts',
        find: '        await link.subscribe({',
        replace: '        await link.beat();\n        await link.subscribe({',
        tests: ['test/blacklist/membership.ts']
    },
    {
        name: 'a subscription that is not waited for',
        file: 'lib/blacklist/membership.ts',
        find: '        await link.subscribe({',
        replace: '        void link.subscribe({',
        tests: ['test/blacklist/membership.ts']
    },
    {
        name: 'a join that is answered behind the end of its connection',
        file: 'lib/blacklist/membership.ts',
        find: 'if (this.#current !== link || this.#isStopped) {',
        replace: 'if (this.#isStopped) {',
        tests: ['test/blacklist/membership.ts']
    },
    {
        name: 'an old connection that ends the new one',
        file: 'lib/blacklist/membership.ts',
        find: '                if (this.#current === link) {\n                    this.#current = null;\n                }\n',
        replace: '                this.#current = null;\n',
        tests: ['test/blacklist/membership.ts']
    },
    {
        name: 'news of an old connection',
        file: 'lib/blacklist/membership.ts',
        find: '                if (this.#current === link) {\n                    this.#member.news(news, link);\n                }\n',
        replace: '                this.#member.news(news, link);\n',
        tests: ['test/blacklist/membership.ts']
    },
    {
        name: 'no generations',
        file: 'lib/blacklist/cache.ts',
        find: '?.generation === this.#generation)',
        replace: '?.generation !== undefined)',
        tests: ['test/blacklist/cache.ts', 'test/blacklist/leased.ts']
    },
    {
        name: 'a new connection in the old generation',
        file: 'lib/blacklist/cache.ts',
        find: '        ++this.#generation;\n',
        replace: '        this.#isComplete = false;\n',
        tests: ['test/blacklist/cache.ts', 'test/blacklist/leased.ts']
    },
    {
        name: 'trust in a server that may have lost its memory',
        file: 'lib/blacklist/membership.ts',
        find: 'await this.#settle(link, wasHeld);',
        replace: 'void wasHeld;',
        tests: ['test/blacklist/membership.ts', 'test/blacklist/leased.ts']
    },
    {
        name: 'a wait that those skip who had lost their lease',
        file: 'lib/blacklist/membership.ts',
        find: 'if (wasHeld) {',
        replace: 'if (wasHeld || this.#joinedAt > 100) {',
        tests: ['test/blacklist/membership.ts']
    },
    {
        name: 'a wait in which the server need not answer',
        file: 'lib/blacklist/settling.ts',
        find: 'if (await link.isSettled()) {',
        replace: 'if (i === 0 && await link.isSettled()) {',
        tests: ['test/blacklist/settling.ts']
    },
    {
        name: 'a server that is marked at once',
        file: 'lib/blacklist/settling.ts',
        find: 'for (let i = 0; i < steps; ++i) {',
        replace: 'for (let i = 0; i < 0; ++i) {',
        tests: ['test/blacklist/settling.ts']
    },
    {
        name: 'a mark that outlives a restart',
        file: 'lib/store/link.ts',
        find: '/^master_replid:(\\w+)/m',
        replace: '/^(role):/m',
        tests: ['test/store/link.ts']
    },
    {
        name: 'no writing back',
        file: 'lib/blacklist/write-back.ts',
        find: 'for (let i = 0; i < revocations.length; i += batchSize) {',
        replace: 'for (let i = 0; i < 0; i += batchSize) {',
        tests: ['test/blacklist/leased.ts']
    },
    {
        name: 'writing back only what is missing altogether',
        file: 'lib/blacklist/write-back.ts',
        find: 'if (cutoff >= (this.#lost.get(key)?.cutoff ?? 0)) {',
        replace: 'if (cutoff > 0) {',
        tests: ['test/blacklist/leased.ts']
    },
    {
        name: 'writing back everything',
        file: 'lib/blacklist/write-back.ts',
        find: '            this.#lost.delete(key);\n',
        replace: '',
        tests: ['test/blacklist/leased.ts']
    },

    {
        name: 'writing back what was shortened as it was',
        file: 'lib/blacklist/write-back.ts',
        find: 'Math.max(ttl, this.#least)',
        replace: 'ttl',
        tests: ['test/blacklist/leased.ts', 'test/stories/old-data.ts']
    },
    {
        name: 'a strategy that does not say how long its tokens live',
        file: 'lib/sessions/logout.ts',
        find: '        blacklist.bound(this.#longest);\n',
        replace: '',
        tests: ['test/stories/old-data.ts']
    },
    {
        name: 'sessions of a Cluster that are not removed',
        file: 'lib/store/redis.ts',
        find: '            this.#isSharded = true;\n            await this.remove(subject, ids, { revocations, margin });\n',
        replace: '',
        tests: ['test/store/redis.ts', 'test/store/topologies.ts']
    },

    // Heartbeats

    {
        name: 'a registry that may have lost the process',
        file: 'lib/blacklist/membership.ts',
        find: 'if (!isKnown) {',
        replace: 'if (isKnown === null) {',
        tests: ['test/blacklist/membership.ts', 'test/blacklist/leased.ts']
    },
    {
        name: 'a heartbeat of an old connection',
        file: 'lib/blacklist/membership.ts',
        find: 'if (link !== this.#link || this.#isStopped) {',
        replace: 'if (this.#isStopped) {',
        tests: ['test/blacklist/membership.ts']
    },
    {
        name: 'a heartbeat that renews behind leaving',
        file: 'lib/blacklist/membership.ts',
        find: 'if (link !== this.#link || this.#isStopped) {',
        replace: 'if (link !== this.#link) {',
        tests: ['test/blacklist/membership.ts']
    },
    {
        name: 'a heartbeat behind leaving',
        file: 'lib/blacklist/membership.ts',
        find: '        if (this.#isStopped) {\n            throw',
        replace: '        if (!this.lease) {\n            throw',
        tests: ['test/blacklist/membership.ts']
    },
    {
        name: 'a connection whose heartbeat failed',
        file: 'lib/blacklist/membership.ts',
        find: '                this.#end(error as Error);\n            }\n\n            throw error;',
        replace: '            }\n\n            throw error;',
        tests: ['test/blacklist/membership.ts']
    },
    {
        name: 'heartbeats that are alike',
        file: 'lib/store/link.ts',
        find: '`${++beats}:${lease}`',
        replace: '`${beats}:${lease}`',
        tests: ['test/store/link.ts']
    },

    // Checks

    {
        name: 'a check without a lease',
        file: 'lib/blacklist/leased.ts',
        find: 'if (latest === forever || isHeld && this',
        replace: 'if (latest === forever || this',
        tests: ['test/blacklist/leased.ts']
    },
    {
        name: 'a revocation that counts under a lease only',
        file: 'lib/blacklist/leased.ts',
        find: 'if (latest === forever || isHeld && this',
        replace: 'if (isHeld && this',
        tests: ['test/blacklist/leased.ts']
    },
    {
        name: 'an answer that nobody measures by the lease',
        file: 'lib/blacklist/leased.ts',
        find: '        if (!this.#membership.lease.isHeld) {\n            throw',
        replace: '        if (!this.#membership.lease) {\n            throw',
        tests: ['test/blacklist/leased.ts']
    },
    {
        name: 'a question without a heartbeat',
        file: 'lib/blacklist/leased.ts',
        find: '            await this.#membership.beat(link);\n',
        replace: '',
        tests: ['test/blacklist/leased.ts']
    },
    {
        name: 'an answer of an old connection',
        file: 'lib/blacklist/leased.ts',
        find: '        if (link !== this.#membership.link) {\n            return this.#ask(keys);',
        replace: '        if (!link) {\n            return this.#ask(keys);',
        tests: ['test/blacklist/leased.ts']
    },
    {
        name: 'an answer of an old connection that is kept',
        file: 'lib/blacklist/leased.ts',
        find: '        if (link === this.#membership.link) {\n            this.#verdicts',
        replace: '        if (link) {\n            this.#verdicts',
        tests: ['test/blacklist/leased.ts']
    },
    {
        name: 'questions of an old connection',
        file: 'lib/blacklist/leased.ts',
        find: '        this.#questions = new Questions();\n',
        replace: '',
        tests: ['test/blacklist/leased.ts']
    },
    {
        name: 'questions that news do not mark',
        file: 'lib/blacklist/leased.ts',
        find: '        revocations.forEach((revocation) => this.#questions.mark(revocation));\n',
        replace: '',
        tests: ['test/blacklist/leased.ts']
    },
    {
        name: 'a mark that is not looked at',
        file: 'lib/blacklist/lookups.ts',
        find: 'Math.max(cutoffs[i] ?? 0, news)',
        replace: '(cutoffs[i] ?? 0) + 0 * news',
        tests: ['test/blacklist/lookups.ts', 'test/blacklist/leased.ts']
    },
    {
        name: 'a mark that an earlier cut-off overwrites',
        file: 'lib/blacklist/lookups.ts',
        find: 'Math.max(question.news, cutoff)',
        replace: 'cutoff',
        tests: ['test/blacklist/lookups.ts']
    },
    {
        name: 'known cut-offs that an answer hides',
        file: 'lib/blacklist/leased.ts',
        find: 'Math.max(this.known(keys), ...answers)',
        replace: '(answers.length > 0 ? Math.max(...answers) : this.known(keys))',
        tests: ['test/blacklist/leased.ts']
    },

    // Verdicts

    {
        name: 'cut-offs that do not only grow',
        file: 'lib/blacklist/cache.ts',
        find: 'held.cutoff = Math.max(held.cutoff, cutoff);',
        replace: 'held.cutoff = cutoff;',
        tests: ['test/blacklist/cache.ts', 'test/blacklist/leased.ts']
    },
    {
        name: 'a cache that is called complete after an eviction',
        file: 'lib/blacklist/cache.ts',
        find: '                this.#isComplete = false;\n                this.#hasEvicted = true;',
        replace: '                this.#hasEvicted = true;',
        tests: ['test/blacklist/cache.ts', 'test/blacklist/leased.ts']
    },
    {
        name: 'a cache that is called complete after an eviction while it was read',
        file: 'lib/blacklist/cache.ts',
        find: 'this.#isComplete = !this.#hasEvicted;',
        replace: 'this.#isComplete = true;',
        tests: ['test/blacklist/cache.ts', 'test/blacklist/leased.ts']
    },
    {
        name: 'a cache that is called complete while it is read',
        file: 'lib/blacklist/cache.ts',
        find: '        this.#isComplete = false;\n        this.#hasEvicted = false;',
        replace: '        this.#hasEvicted = false;',
        tests: ['test/blacklist/cache.ts', 'test/blacklist/leased.ts']
    },
    {
        name: 'a cut-off of one\'s own that is taken for the latest',
        file: 'lib/blacklist/leased.ts',
        find: 'this.#learn(revocations, 0);',
        replace: 'this.#learn(revocations);',
        tests: ['test/blacklist/leased.ts']
    },
    {
        name: 'a revocation that is let go although a later one came',
        file: 'lib/blacklist/cache.ts',
        find: 'if (held?.cutoff === cutoff) {',
        replace: 'if (held) {',
        tests: ['test/blacklist/cache.ts', 'test/blacklist/leased.ts']
    },

    // Outages

    {
        name: 'joins that hide an outage',
        file: 'lib/blacklist/tenure.ts',
        find: 'if (isHeld) {\n            this.#droppedAt',
        replace: 'if (this.#lease) {\n            this.#droppedAt',
        tests: ['test/blacklist/tenure.ts', 'test/blacklist/membership.ts']
    },
    {
        name: 'joins that are outages',
        file: 'lib/blacklist/tenure.ts',
        find: '!isHeld && this.#clock.now() < this.#droppedAt + length || ',
        replace: '',
        tests: ['test/blacklist/tenure.ts', 'test/blacklist/membership.ts']
    },

    // Signatures

    {
        name: 'a key for RSA-PSS where PKCS #1 is meant',
        file: 'lib/jwt/key.ts',
        find: 'demand(type === \'rsa\', option',
        replace: 'demand(type === \'rsa\' || type === \'rsa-pss\', option',
        tests: ['test/jwt/key-resolver.ts']
    },
    {
        name: 'RSA-PSS where PKCS #1 is meant',
        file: 'lib/jwt/signature.ts',
        find: 'if (family === \'RS\') {\n        return verify(hash, data, key, bytes)',
        replace: 'if (family === \'RS\') {\n        return verify(hash, data, key, bytes) || verify(hash, data, { key, padding: constants.RSA_PKCS1_PSS_PADDING }, bytes)',
        tests: ['test/jwt/key-resolver.ts']
    },

    // Tokens that were verified before

    {
        name: 'a remembered token past its end',
        file: 'lib/jwt/jwt.ts',
        find: ' && now < expires',
        replace: '',
        tests: ['test/jwt/token-cache.ts']
    },
    {
        name: 'a header that was seen before past its end',
        file: 'lib/jwt/jwt.ts',
        find: 'known && isTimely(known, Date.now())',
        replace: 'known',
        tests: ['test/jwt/token-cache.ts']
    },
    {
        name: 'a header that was seen before under another key',
        file: 'lib/jwt/jwt.ts',
        find: '!isAsked(settings.key)',
        replace: 'true',
        tests: ['test/jwt/token-cache.ts', 'test/jwt/key-resolver.ts', 'test/jwt/jwt.ts']
    },
    {
        name: 'a header that was seen before and is repeated',
        file: 'lib/request/strategy.ts',
        find: 'known && !Extract.isRepeated(request, \'authorization\')',
        replace: 'known',
        tests: ['test/jwt/token-cache.ts', 'test/stories/hostile-requests.ts']
    },
    {
        name: 'a header that was seen before beside a cookie',
        file: 'lib/request/routes.ts',
        find: ' && !jwt.cookie',
        replace: '',
        tests: ['test/jwt/token-cache.ts', 'test/stories/cookie-jwt.ts']
    },
    {
        name: 'a header that was seen before, on a route that wants more',
        file: 'lib/request/routes.ts',
        find: 'isPlain: tokens === \'jwt\' && !revoke',
        replace: 'isPlain: true',
        tests: ['test/jwt/token-cache.ts', 'test/request/strategy.ts', 'test/stories/story.ts']
    },
    {
        name: 'a remembered token under another key',
        file: 'lib/jwt/jwt.ts',
        find: 'known?.key === key && ',
        replace: 'known && ',
        tests: ['test/jwt/token-cache.ts', 'test/jwt/key-resolver.ts', 'test/jwt/jwt.ts']
    },
    {
        name: 'a remembered token by the end of its signature alone',
        file: 'lib/jwt/token-cache.ts',
        find: 'access?.authorization === header ? access : undefined',
        replace: 'access',
        tests: ['test/jwt/token-cache.ts']
    },
    {
        name: 'a remembered token by the end of its text, its length and its scheme',
        file: 'lib/jwt/token-cache.ts',
        find: ' && header.endsWith(token)',
        replace: '',
        tests: ['test/jwt/token-cache.ts']
    },
    {
        name: 'a remembered token by the end of its text and its scheme',
        file: 'lib/jwt/token-cache.ts',
        find: 'header.length === prefix.length + token.length && ',
        replace: '',
        tests: ['test/jwt/token-cache.ts']
    },
    {
        name: 'a remembered token by a header of another scheme',
        file: 'lib/jwt/token-cache.ts',
        find: ' && header.startsWith(prefix)',
        replace: '',
        tests: ['test/jwt/token-cache.ts']
    },
    {
        name: 'a remembered token by a header that brought another',
        file: 'lib/jwt/token-cache.ts',
        find: 'header !== undefined && isBearer(header, token)',
        replace: 'header !== undefined',
        tests: ['test/jwt/token-cache.ts']
    },
    {
        name: 'a remembered token that is in use, when it gets tight',
        file: 'lib/jwt/token-cache.ts',
        find: '2 * size <= max && 2 * calculatedSize <= maxSize',
        replace: 'true',
        tests: ['test/jwt/token-cache.ts']
    },
    {
        name: 'a scope that others are given as well',
        file: 'lib/jwt/credentials.ts',
        find: '(copied.scope as readonly string[]).slice()',
        replace: 'copied.scope',
        tests: ['test/jwt/token-cache.ts']
    },
    {
        name: 'what was clean, after a revocation',
        file: 'lib/blacklist/cache.ts',
        find: '        if (cutoff > 0) {\n            ++this.#edition;\n        }\n',
        replace: '',
        tests: ['test/blacklist/leased.ts', 'test/blacklist/cache.ts']
    },
    {
        name: 'what was clean, after a gap in the news',
        file: 'lib/blacklist/cache.ts',
        find: '        ++this.#edition;\n        this.empty();\n',
        replace: '        this.empty();\n',
        tests: ['test/blacklist/leased.ts', 'test/blacklist/cache.ts']
    },
    {
        name: 'what was clean, without a lease',
        file: 'lib/blacklist/leased.ts',
        find: 'isHeld && memo.clean === edition',
        replace: 'memo.clean === edition',
        tests: ['test/blacklist/leased.ts']
    },

    // Connections

    {
        name: 'a URL that breaks the rules',
        file: 'lib/store/client.ts',
        find: '[rules, redis, defaults]',
        replace: '[redis, { ...defaults, ...rules }]',
        tests: ['test/store/client.ts']
    },
    {
        name: 'numbers that are texts',
        file: 'lib/store/client.ts',
        find: '        stringNumbers: false,\n',
        replace: '',
        tests: ['test/store/client.ts']
    },
    {
        name: 'a connection that comes back by itself',
        file: 'lib/store/client.ts',
        find: 'retryStrategy: () => null',
        replace: 'retryStrategy: () => 10',
        tests: ['test/store/client.ts', 'test/store/link.ts']
    },
    {
        name: 'a server that lacks RESP3',
        file: 'lib/store/link.ts',
        find: 'if (about(\'proto\') !== \'3\') {',
        replace: 'if (about(\'proto\') === \'\') {',
        tests: ['test/store/link.ts']
    },

    // Revocations

    {
        name: 'no patience after a join',
        file: 'lib/blacklist/leased.ts',
        find: 'this.#options.clock.now() : joinedAt;',
        replace: 'this.#options.clock.now() : joinedAt - Infinity;',
        tests: ['test/blacklist/leased.ts']
    },
    {
        name: 'no patience where the registry has lost the process',
        file: 'lib/blacklist/leased.ts',
        find: 'peers.length === others.length ? this.#options.clock.now() : joinedAt',
        replace: 'peers.length === others.length ? joinedAt : joinedAt',
        tests: ['test/blacklist/leased.ts']
    },
    {
        name: 'acknowledgements that are not waited for',
        file: 'lib/blacklist/leased.ts',
        find: 'this.#peers.wait(sequence, others)',
        replace: 'this.#peers.wait(sequence, [])',
        tests: ['test/blacklist/leased.ts']
    },
    {
        name: 'acknowledgements that are not given',
        file: 'lib/blacklist/leased.ts',
        find: '            this.#acknowledgements.give(from, sequence, link);\n',
        replace: '',
        tests: ['test/blacklist/leased.ts']
    },
    {
        name: 'an acknowledgement of earlier news',
        file: 'lib/blacklist/peers.ts',
        find: 'if (wait.sequence <= sequence && wait',
        replace: 'if (wait',
        tests: ['test/blacklist/peers.ts']
    },
    {
        name: 'an acknowledgement for one revocation only',
        file: 'lib/blacklist/peers.ts',
        find: 'if (wait.sequence <= sequence && wait',
        replace: 'if (wait.sequence === sequence && wait',
        tests: ['test/blacklist/peers.ts']
    },
    {
        name: 'an acknowledgement that came early',
        file: 'lib/blacklist/peers.ts',
        find: '        this.#acknowledged.set(id, sequence);\n',
        replace: '',
        tests: ['test/blacklist/peers.ts', 'test/blacklist/leased.ts']
    },
    {
        name: 'an acknowledgement that is taken for a later one',
        file: 'lib/blacklist/peers.ts',
        find: '(this.#acknowledged.get(id) ?? 0) < sequence',
        replace: '!this.#acknowledged.has(id)',
        tests: ['test/blacklist/peers.ts', 'test/blacklist/leased.ts']
    },
    {
        name: 'the lease of one for that of all',
        file: 'lib/blacklist/peers.ts',
        find: 'Math.max(...silent.map(({ lease }) => patience(lease)))',
        replace: 'patience(silent[0]!.lease)',
        tests: ['test/blacklist/peers.ts']
    },
    {
        name: 'those who wait when the connection is lost',
        file: 'lib/blacklist/leased.ts',
        find: 'ended: (error) => this.#peers.fail(error)',
        replace: 'ended: () => undefined',
        tests: ['test/blacklist/leased.ts']
    },
    {
        name: 'a revocation that a lost connection answers',
        file: 'lib/blacklist/leased.ts',
        find: '        if (link !== this.#membership.link) {\n            throw',
        replace: '        if (!link) {\n            throw',
        tests: ['test/blacklist/leased.ts']
    },
    {
        name: 'nobody struck off',
        file: 'lib/blacklist/leased.ts',
        find: '            link.strike(silent)',
        replace: '            link.strike([])',
        tests: ['test/blacklist/leased.ts']
    },
    {
        name: 'struck off, beaten or not',
        file: 'lib/store/scripts.ts',
        find: 'if redis.call(\'HGET\', KEYS[1], ARGV[i]) == ARGV[i + 1] then',
        replace: 'if true then',
        tests: ['test/store/link.ts']
    },
    {
        name: 'no leaving',
        file: 'lib/blacklist/membership.ts',
        find: '        await this.#current?.leave().catch(() => undefined);\n',
        replace: '',
        tests: ['test/blacklist/membership.ts', 'test/blacklist/leased.ts']
    },
    {
        name: 'no patience without a lease of one\'s own',
        file: 'lib/blacklist/blacklist.ts',
        find: 'if (peers.length > 0) {',
        replace: 'if (peers.length < 0) {',
        tests: ['test/blacklist/blacklist.ts']
    },
    {
        name: 'news that tell an earlier cut-off',
        file: 'lib/store/scripts.ts',
        find: 'table.insert(news, ARGV[i] .. \' \' .. whole(cutoff)',
        replace: 'table.insert(news, ARGV[i] .. \' \' .. ARGV[i + 1]',
        tests: ['test/store/link.ts']
    },

    // The door

    {
        name: 'requests of other sites, by Fetch Metadata',
        file: 'lib/request/cross-origin.ts',
        find: 'return site !== \'same-origin\' && site !== \'none\';',
        replace: 'return false;',
        tests: ['test/request/cross-origin.ts']
    },
    {
        name: 'requests of sibling domains',
        file: 'lib/request/cross-origin.ts',
        find: 'return site !== \'same-origin\' && site !== \'none\';',
        replace: 'return site === \'cross-site\';',
        tests: ['test/request/cross-origin.ts']
    },
    {
        name: 'requests of other sites, by Origin',
        file: 'lib/request/cross-origin.ts',
        find: 'return !isOwn(origin, request);',
        replace: 'return false;',
        tests: ['test/request/cross-origin.ts']
    },
    {
        name: 'origins that only begin alike',
        file: 'lib/request/cross-origin.ts',
        find: 'return host === info.host',
        replace: 'return host!.startsWith(info.host',
        tests: ['test/request/cross-origin.ts']
    },
    {
        name: 'pages without TLS where it ends here',
        file: 'lib/request/cross-origin.ts',
        find: ' || server.info.protocol === \'https\' && scheme === \'http\'',
        replace: '',
        tests: ['test/request/cross-origin.ts']
    },
    {
        name: 'links that log out',
        file: 'lib/request/cross-origin.ts',
        find: 'return !isUnsafe(request.raw.req.method!);',
        replace: 'return false;',
        tests: ['test/request/cross-origin.ts']
    },
    {
        name: 'links that an extension makes a POST of',
        file: 'lib/request/cross-origin.ts',
        find: 'isUnsafe(request.raw.req.method!)',
        replace: 'isUnsafe(request.method)',
        tests: ['test/request/cross-origin.ts']
    },
    {
        name: 'no look at the origin',
        file: 'lib/request/strategy.ts',
        find: '        this.#guard(plan, found, refreshToken, request);\n',
        replace: '',
        tests: ['test/request/cross-origin.ts']
    },
    {
        name: 'a look at the origin of a logout by a safe method',
        file: 'lib/request/strategy.ts',
        find: '(revoke !== false || isUnsafe(request.method))',
        replace: 'isUnsafe(request.method)',
        tests: ['test/request/cross-origin.ts']
    },
    {
        name: 'a look at the origin where no cookie is',
        file: 'lib/request/strategy.ts',
        find: 'isAmbient && origins',
        replace: 'origins',
        tests: ['test/request/cross-origin.ts']
    },
    {
        name: 'answers to a URL with a token',
        file: 'lib/request/strategy.ts',
        find: 'settings.refreshToken!.place.from === \'query\'',
        replace: 'settings.refreshToken!.place.name === \'\'',
        tests: ['test/request/logout-hooks.ts']
    },
    {
        name: 'an incomplete pair that ends it before the last strategy',
        file: 'lib/request/strategy.ts',
        find: 'if (!isLast || jwt === null && refreshToken === null) {',
        replace: 'if (jwt === null && refreshToken === null) {',
        tests: ['test/scheme.ts']
    },
    {
        name: 'a socket whose access token had expired before',
        file: 'lib/request/strategy.ts',
        find: 'access && !access.expired ?',
        replace: 'access ?',
        tests: ['test/scheme.ts']
    },
    {
        name: 'two access tokens at once',
        file: 'lib/request/extract.ts',
        find: 'header !== null && value !== null && header !== value',
        replace: 'header === \'\'',
        tests: ['test/stories/cookie-jwt.ts']
    },
    {
        name: 'a cookie that is taken for a __Host- one',
        file: 'lib/request/extract.ts',
        find: 'strip(pair.slice(0, equals)) === name',
        replace: 'pair.slice(0, equals).trim() === name',
        tests: ['test/stories/hostile-cookies.ts']
    },
    {
        name: 'the first of two cookies',
        file: 'lib/request/extract.ts',
        find: 'return values.length > 1 ? values : values[0];',
        replace: 'return values[0];',
        tests: ['test/stories/hostile-cookies.ts']
    },
    {
        name: 'cookies as hapi reads them',
        file: 'lib/request/routes.ts',
        find: 'if (settings.state?.failAction === \'error\') {',
        replace: 'if (settings.state?.failAction === \'never\') {',
        tests: ['test/stories/hostile-cookies.ts']
    },
    {
        name: 'a route that says what becomes of malformed cookies',
        file: 'lib/request/routes.ts',
        find: 'if (settings.state?.failAction === \'error\') {',
        replace: 'if (settings.state) {',
        tests: ['test/stories/hostile-cookies.ts']
    },
    {
        name: 'malformed cookies on every route',
        file: 'lib/request/routes.ts',
        find: '        if (revoke) {\n            toleratesCookies(route);',
        replace: '        if (revoke !== null) {\n            toleratesCookies(route);',
        tests: ['test/stories/hostile-cookies.ts']
    },
    {
        name: 'a login that failed and sets its cookie',
        file: 'lib/request/cookie.ts',
        find: 'change && !change.isRenewal && isError(request.response) ? undefined : change',
        replace: 'change',
        tests: ['test/request/cookie.ts']
    },
    {
        name: 'a renewal that failed and keeps its cookie',
        file: 'lib/request/cookie.ts',
        find: 'change && !change.isRenewal && isError',
        replace: 'change && isError',
        tests: ['test/request/cookie.ts']
    },
    {
        name: 'a cookie that is cleared twice',
        file: 'lib/request/cookie.ts',
        find: '            this.#cleared.add(request);\n',
        replace: '',
        tests: ['test/request/logout-hooks.ts']
    },
    {
        name: 'a cookie with the server\'s defaults',
        file: 'lib/request/cookie.ts',
        find: '                delete definition[key];\n',
        replace: '',
        tests: ['test/request/cookie.ts']
    },
    {
        name: 'a cookie that is too long',
        file: 'lib/request/cookie.ts',
        find: '        Hoek.assert(this.name.length + value.length <= maxLength',
        replace: '        Hoek.assert(this.name.length <= maxLength',
        tests: ['test/stories/cookie-jwt.ts']
    },
    {
        name: 'a cookie that is lost with an answer that was taken over',
        file: 'lib/request/logout-hooks.ts',
        find: '        await Promise.all(Array.from(this.#cookies, (cookie) => cookie.append(request)));\n',
        replace: '',
        tests: ['test/request/cookie.ts']
    },
    {
        name: 'the cookie of a refresh token that died unseen',
        file: 'lib/request/logout-hooks.ts',
        find: 'if (endsSession || revoke === \'token\' && evidence.refresh) {',
        replace: 'if (evidence.refresh) {',
        tests: ['test/request/cookie.ts', 'test/stories/cookie-jwt.ts']
    },
    {
        name: 'the cookie of an access token that lives',
        file: 'lib/request/logout-hooks.ts',
        find: 'if (endsSession || revoke === \'token\' && evidence.access) {',
        replace: 'if (revoke !== \'others\') {',
        tests: ['test/stories/cookie-jwt.ts']
    },
    {
        name: 'a browser told to forget where nothing ended',
        file: 'lib/request/logout-hooks.ts',
        find: 'revoke !== \'others\' && settings',
        replace: 'settings',
        tests: ['test/stories/cookie-jwt.ts']
    },
    {
        name: 'a refusal of strangers that is stored',
        file: 'lib/request/logout-hooks.ts',
        find: '                mark(response, \'credentials_missing\');\n',
        replace: '',
        tests: ['test/errors/challenge.ts']
    },
    {
        name: 'a refresh token that was damaged',
        file: 'lib/sessions/refresh-token.ts',
        find: ' && seal([bytes.subarray(0, length - sizes.checksum)]).equals(bytes)',
        replace: '',
        tests: ['test/sessions/refresh-token.ts', 'test/stories/properties.ts']
    },
    {
        name: 'claims of any depth',
        file: 'lib/jwt/claims.ts',
        find: '        isShallow(claims) &&\n',
        replace: '',
        tests: ['test/stories/hostile-tokens.ts']
    },
    {
        name: 'ids with control characters',
        file: 'lib/jwt/claims.ts',
        find: ' && !/[\\0-\\x1f\\x7f]/.test(value)',
        replace: '',
        tests: ['test/stories/hostile-tokens.ts']
    },
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
    },

    // Sessions

    {
        name: 'revocations that go though a session was not there to tell',
        file: 'lib/store/scripts.ts',
        find: 'if not isKnown then return end\n',
        replace: '',
        tests: ['test/store/contract.ts']
    },
    {
        name: 'revocations that go before the last access token',
        file: 'lib/store/scripts.ts',
        find: 'math.max(access, row and row.access or 0)',
        replace: 'math.max(access, 0)',
        tests: ['test/store/contract.ts']
    },
    {
        name: 'revocations that go though they were needed for more',
        file: 'lib/store/scripts.ts',
        find: 'math.max(access + margin, now + tonumber(ARGV[i + 2]))',
        replace: 'access + margin',
        tests: ['test/store/contract.ts', 'test/stories/logout-remembered.ts']
    },
    {
        name: 'later revocations that go with an earlier one',
        file: 'lib/store/scripts.ts',
        find: 'if cutoff == ARGV[i + 1] and expires',
        replace: 'if cutoff and expires',
        tests: ['test/store/contract.ts']
    },
    {
        name: 'a theft of what has been ended',
        file: 'lib/sessions/refresh-tokens.ts',
        find: 'found.state !== \'unknown\' && beginning(found) <= cutoff',
        replace: 'found.state === \'live\' && beginning(found) <= cutoff',
        tests: ['test/sessions/refresh-tokens.ts']
    },
    {
        name: 'a cut-off that ends no refresh tokens',
        file: 'lib/sessions/refresh-tokens.ts',
        find: ' || found.state !== \'unknown\' && beginning(found) <= cutoff',
        replace: '',
        tests: ['test/sessions/refresh-tokens.ts']
    },
    {
        name: 'a theft that ends nothing',
        file: 'lib/sessions/refresh-tokens.ts',
        find: '        await this.#logout.endSession(resolved.issuer, resolved.session);\n',
        replace: '',
        tests: ['test/sessions/refresh-tokens.ts']
    },
    {
        name: 'a theft that nobody is told of',
        file: 'lib/sessions/refresh-tokens.ts',
        find: '        this.#reused(resolved, request);\n',
        replace: '',
        tests: ['test/status/events.ts']
    },
    {
        name: 'an access token that outlives its session',
        file: 'lib/sessions/sessions.ts',
        find: 'Math.min(this.#accessTtl, remaining)',
        replace: 'this.#accessTtl',
        tests: ['test/sessions/sessions.ts']
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


const internals = {
    root: Path.join(__dirname, '../..'),
    lab: require.resolve('@hapi/lab/bin/lab'),
    workers: Math.min(2, Os.cpus().length)
};


internals.main = async function () {

    const chosen = mutations.filter(({ name }) => name.includes(process.argv[2] ?? ''));
    const tests = [...new Set(chosen.flatMap((mutation) => mutation.tests))];
    const folders = Array.from({ length: internals.workers }, internals.copy);

    try {
        const sound = await internals.run(folders[0], tests);
        if (!sound.passed) {
            throw new Error(`The tests fail without any mutation:\n${sound.output}`);
        }

        const survivors = [];
        const queue = [...chosen];
        await Promise.all(folders.map(async (folder) => {

            while (queue.length > 0) {
                const mutation = queue.shift();
                const isFound = await internals.mutate(folder, mutation);
                console.log(`${isFound ? 'found   ' : 'SURVIVED'} ${mutation.name}`);
                if (!isFound) {
                    survivors.push(mutation.name);
                }
            }
        }));

        console.log(`${chosen.length - survivors.length} of ${chosen.length} mutations were found by the tests`);
        process.exitCode = survivors.length > 0 ? 1 : 0;
    }
    finally {
        folders.forEach((folder) => Fs.rmSync(folder, { recursive: true }));
    }
};


internals.copy = function () {

    const folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), 'hard-logout-mutations-'));
    for (const name of ['.labrc.js', 'package.json', 'tsconfig.json', 'bench', 'lib', 'test']) {
        Fs.cpSync(Path.join(internals.root, name), Path.join(folder, name), { recursive: true });
    }

    Fs.symlinkSync(Fs.realpathSync(Path.join(internals.root, 'node_modules')), Path.join(folder, 'node_modules'));
    return folder;
};


internals.mutate = async function (folder, { name, file, find, replace, tests }) {

    const path = Path.join(folder, file);
    const original = Fs.readFileSync(path, 'utf8');
    if (original.split(find).length !== 2) {
        throw new Error(`The list is out of date: ${file} must have exactly one place for "${name}"`);
    }

    Fs.writeFileSync(path, original.replace(find, () => replace));
    try {
        for (const test of tests) {
            const { passed, output } = await internals.run(folder, [test]);
            if (passed) {
                continue;
            }

            // A mutation that does not even run proves nothing

            if (!/\d+ of \d+ tests failed/.test(output)) {
                throw new Error(`The mutation "${name}" breaks more than a test:\n${output}`);
            }

            return true;
        }

        return false;
    }
    finally {
        Fs.writeFileSync(path, original);
    }
};


internals.run = function (folder, tests) {

    return new Promise((resolve) => {

        const options = { cwd: folder, timeout: 120_000, env: { ...process.env, NODE_ENV: 'test' } };
        ChildProcess.execFile(process.execPath, [internals.lab, '--bail', ...tests], options, (error, stdout, stderr) => {

            resolve({ passed: !error, output: `${stdout}${stderr}` });
        });
    });
};


internals.main().catch((error) => {

    console.error(error.message);
    process.exitCode = 1;
});
