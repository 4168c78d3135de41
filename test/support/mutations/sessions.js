'use strict';


module.exports = [

    // Who acts as a user

    {
        name: 'an access token that outlives who acts with it',
        file: 'lib/blacklist/blacklist.ts',
        find: 'token.actors === undefined ? own :',
        replace: 'token ? own :',
        tests: ['test/stories/actor.ts']
    },
    {
        name: 'a dead actor that memory knows, in an outage',
        file: 'lib/blacklist/blacklist.ts',
        find: 'return actors.some((actor) => isRevoked(actor.stamp, blacklist.known(actor.identities))) ? forever : ',
        replace: 'return ',
        tests: ['test/stories/actor.ts']
    },
    {
        name: 'a renewal that outlives who acts in the session',
        file: 'lib/sessions/refresh-tokens.ts',
        find: 'stamp: created, actors }))',
        replace: 'stamp: created }))',
        tests: ['test/stories/actor.ts']
    },
    {
        name: 'a list of sessions whose actors are out',
        file: 'lib/sessions/session-list.ts',
        find: 'stamp: created, actors: actors[i] }',
        replace: 'stamp: created }',
        tests: ['test/stories/actor.ts']
    },
    {
        name: 'web sockets that stay when who acts is out',
        file: 'lib/request/artifacts.ts',
        find: '[token, ...token.actors ?? []]',
        replace: '[token]',
        tests: ['test/stories/actor.ts']
    },
    {
        name: 'an actor that counts from the session that it began',
        file: 'lib/jwt/actor.ts',
        find: 'seconds === undefined || ',
        replace: 'true || ',
        tests: ['test/stories/actor.ts']
    },
    {
        name: 'a login of an actor that lies in the future',
        file: 'lib/jwt/actor.ts',
        find: ' || seconds * 1000 > issued + 1000 + maxSkew',
        replace: '',
        tests: ['test/jwt/actor.ts']
    },
    {
        name: 'an actor whose session does not end what it began',
        file: 'lib/jwt/actor.ts',
        find: '...session === undefined ? [] : [identify(\'session\', name, session)]',
        replace: '',
        tests: ['test/jwt/actor.ts', 'test/stories/actor.ts']
    },
    {
        name: 'an actor of an issuer, where none is checked',
        file: 'lib/jwt/actor.ts',
        find: 'own === \'\' && issuer !== \'\'',
        replace: 'false',
        tests: ['test/jwt/actor.ts']
    },
    {
        name: 'an act that names nobody',
        file: 'lib/jwt/claims.ts',
        find: '    [\'act\', isOptional(isAct)]',
        replace: '    [\'act\', () => true]',
        tests: ['test/stories/actor.ts']
    },
    {
        name: 'an actor that logs the user out',
        file: 'lib/request/authentication.ts',
        find: 'if ((extent === \'others\' || extent === \'subject\') && actorOf(tokens)) {',
        replace: 'if (false) {',
        tests: ['test/stories/actor.ts']
    },
    {
        name: 'an actor that logs the user out over a socket',
        file: 'lib/request/logout-hooks.ts',
        find: '        demandUser(extent, tokens);\n',
        replace: '',
        tests: ['test/stories/actor.ts']
    },
    {
        name: 'an end of an actor that is forgotten before the session that it began',
        file: 'lib/store/memory.ts',
        find: '        row.access = Math.max(row.access, now + life);\n',
        replace: '',
        tests: ['test/stories/actor.ts', 'test/stories/stores.ts']
    },
    {
        name: 'an end of an actor that Redis forgets before the session that it began',
        file: 'lib/store/session-scripts.ts',
        find: 'row.access = math.max(row.access, now + tonumber(ARGV[1]))\nwriteRow(KEYS[1], row, now + redis',
        replace: 'writeRow(KEYS[1], row, now + redis',
        tests: ['test/stories/stores.ts']
    },
    {
        name: 'an actor whose session has ended, in Redis',
        file: 'lib/store/session-scripts.ts',
        find: 'if not isLive(row) then return 0 end',
        replace: 'if not row then return 0 end',
        tests: ['test/stories/stores.ts']
    },
    {
        name: 'an actor whose session has ended',
        file: 'lib/store/memory.ts',
        find: 'if (!row || isEnded(row)) {\n            return false;',
        replace: 'if (!row) {\n            return false;',
        tests: ['test/stories/stores.ts']
    },
    {
        name: 'an actor whose session is gone',
        file: 'lib/api/api.ts',
        find: ' && !await own!.sessions.prolong(address, limit)',
        replace: ' && false',
        tests: ['test/stories/actor.ts']
    },
    {
        name: 'a session of an actor that lives longer than the actor could',
        file: 'lib/sessions/sessions.ts',
        find: 'Math.min(settings.maxAge, limit ?? Infinity)',
        replace: 'settings.maxAge',
        tests: ['test/stories/actor.ts']
    },
    {
        name: 'an actor that ends the oldest session of the user',
        file: 'lib/sessions/sessions.ts',
        find: 'limit === undefined ? await this.#max(claims) : unlimited',
        replace: 'await this.#max(claims)',
        tests: ['test/stories/actor.ts']
    },
    {
        name: 'an actor that was logged out since',
        file: 'lib/api/api.ts',
        find: '        await demandValid(authentication);\n\n        const { own, settings',
        replace: '        const { own, settings',
        tests: ['test/stories/actor.ts']
    },

    // Clocks

    {
        name: 'a cut-off for sessions by another clock than theirs',
        file: 'lib/scheme.ts',
        find: 'Math.max(Date.now(), await sessionStore.stamp(subject, jwt.maxAge))',
        replace: 'Date.now()',
        tests: ['test/stories/arrangements.ts']
    },

    // Joining

    {
        name: 'a strategy that does not say how long its tokens live',
        file: 'lib/scheme.ts',
        find: '        blacklist.register({ ...logout.terms(issuer), name: issuer, hasSessions: list?.issuer === issuer });\n',
        replace: '',
        tests: ['test/stories/old-data.ts']
    },

    // Several strategies of one issuer

    {
        name: 'a session that is revoked for as long as one strategy accepts its tokens',
        file: 'lib/sessions/revocations.ts',
        find: ', terms: { ...this.terms(issuer), life } };',
        replace: ' };',
        tests: ['test/stories/issuers.ts']
    },
    {
        name: 'a cut-off for as long as one strategy accepts what is older',
        file: 'lib/sessions/revocations.ts',
        find: ', terms: this.terms(issuer) };',
        replace: ' };',
        tests: ['test/stories/issuers.ts']
    },
    {
        name: 'a token for as long as the strategy accepts it where it was revoked',
        file: 'lib/sessions/revocations.ts',
        find: 'life: isCut ? jwt.maxAge : undefined',
        replace: 'life: isCut ? undefined : undefined',
        tests: ['test/sessions/revocations.ts']
    },
    {
        name: 'a token without the clock tolerance of others',
        file: 'lib/sessions/revocations.ts',
        find: 'tokenRevocation(access, { ...this.terms(access.issuer), life: isCut ? jwt.maxAge : undefined })',
        replace: 'tokenRevocation(access, undefined)',
        tests: ['test/stories/issuers.ts']
    },
    {
        name: 'a token by its jti, for as long as one strategy accepts it',
        file: 'lib/sessions/revocations.ts',
        find: 'return this.#forLife(identifyToken(issuer, jti), issuer, this.#settings.jwt.maxAge);',
        replace: 'return { ...this.#forLife(identifyToken(issuer, jti), issuer, this.#settings.jwt.maxAge), terms: undefined };',
        tests: ['test/sessions/revocations.ts', 'test/stories/issuers.ts']
    },

    // The door

    {
        name: 'a refresh token that was damaged',
        file: 'lib/sessions/refresh-token-format.ts',
        find: ' && seal([bytes.subarray(0, checksumStart)]).equals(bytes)',
        replace: '',
        tests: ['test/sessions/refresh-token-format.ts', 'test/stories/properties.ts']
    },

    // Sessions

    {
        name: 'a theft of what has been ended',
        file: 'lib/sessions/refresh-tokens.ts',
        find: 'if (isRevoked(created, await latestCutoff(blacklist, { identities, stamp: created, actors }))) {',
        replace: 'if (found.state === \'live\' && isRevoked(created, await latestCutoff(blacklist, { identities, stamp: created, actors }))) {',
        tests: ['test/sessions/refresh-tokens.ts']
    },
    {
        name: 'a cut-off that ends no refresh tokens',
        file: 'lib/sessions/refresh-tokens.ts',
        find: 'if (isRevoked(created, await latestCutoff(blacklist, { identities, stamp: created, actors }))) {',
        replace: 'if (await latestCutoff(blacklist, { identities, stamp: created, actors }) === Number.MAX_SAFE_INTEGER) {',
        tests: ['test/sessions/refresh-tokens.ts']
    },
    {
        name: 'a theft that ends nothing',
        file: 'lib/sessions/refresh-tokens.ts',
        find: '        await measureRevocation(\'session\', () => logout.endSession(resolved));\n',
        replace: '',
        tests: ['test/sessions/refresh-tokens.ts']
    },
    {
        name: 'a theft that nobody is told of',
        file: 'lib/sessions/refresh-tokens.ts',
        find: '        onReuse(resolved, request);\n',
        replace: '',
        tests: ['test/status/events.ts']
    },
    {
        name: 'an access token that counts from after the store was asked',
        file: 'lib/sessions/sessions.ts',
        find: 'await this.#pair(current, { ...session, issued, remaining: found.session.remaining })',
        replace: 'await this.#pair(current, { ...session, issued: Math.max(issued, Date.now()), remaining: found.session.remaining })',
        tests: ['test/sessions/refresh-tokens.ts']
    },
    {
        name: 'a session too many that lives',
        file: 'lib/sessions/sessions.ts',
        find: '        await this.#endSurplus({ token, subject: claims.sub, surplus, max, request });\n',
        replace: '',
        tests: ['test/stories/many-sessions.ts']
    },
    {
        name: 'a session too many that is reported again while it is removed',
        file: 'lib/sessions/logout.ts',
        find: 'this.#pending.revoke(revocations))) {\n                ended(',
        replace: 'this.#pending.revoke(revocations)) || revocations) {\n                ended(',
        tests: ['test/stories/many-sessions.ts']
    },
    {
        name: 'sessions that are too many since the limit was lowered',
        file: 'lib/sessions/sessions.ts',
        find: 'page.isPartial ? await store.surplus(token.subject, max) : null',
        replace: 'null',
        tests: ['test/stories/many-sessions.ts']
    },
    {
        name: 'a session that is ended by the token of another user, or issuer',
        file: 'lib/sessions/logout.ts',
        find: 'const isOwn = address && identify(\'subject\', issuer, owner!) === address.subject;',
        replace: 'const isOwn = address;',
        tests: ['test/sessions/logout.ts']
    },
    {
        name: 'a session that is ended under an issuer that has none',
        file: 'lib/sessions/logout.ts',
        find: 'this.#options.sessions?.issuer === issuer ? sessionAddress(session) : null',
        replace: 'this.#options.sessions ? sessionAddress(session) : null',
        tests: ['test/sessions/logout.ts']
    },
    {
        name: 'a session of another user in a token',
        file: 'lib/sessions/logout.ts',
        find: ' || subject !== null && await this.#isOfAnother(issuer, session, subject)',
        replace: '',
        tests: ['test/sessions/logout.ts']
    },
    {
        name: 'the id of an identity provider\'s session that looks like one of issue()',
        file: 'lib/sessions/logout.ts',
        find: ' && await this.#ownerOf(address) !== null',
        replace: '',
        tests: ['test/sessions/logout.ts']
    },
    {
        name: 'a session that is gone, remembered for as long as one that lives',
        file: 'lib/sessions/logout.ts',
        find: 'return { address, state: \'gone\' };',
        replace: 'return { address, state: \'external\' };',
        tests: ['test/sessions/logout.ts']
    },
    {
        name: 'a repeated logout that is remembered anew',
        file: 'lib/sessions/pending-revocations.ts',
        find: 'isNew ? this.#blacklist.revoke(revocations) : this.#blacklist.confirm()',
        replace: 'this.#blacklist.revoke(revocations)',
        tests: ['test/sessions/pending-revocations.ts', 'test/sessions/logout.ts']
    },
    {
        name: 'a repeated logout that does not wait for what is not known everywhere',
        file: 'lib/sessions/pending-revocations.ts',
        find: 'isNew ? this.#blacklist.revoke(revocations) : this.#blacklist.confirm()',
        replace: 'isNew ? this.#blacklist.revoke(revocations) : Promise.resolve()',
        tests: ['test/sessions/pending-revocations.ts', 'test/sessions/logout.ts']
    },
    {
        name: 'a repeated logout that does not wait for the first',
        file: 'lib/sessions/pending-revocations.ts',
        find: '            await first;\n',
        replace: '',
        tests: ['test/sessions/pending-revocations.ts', 'test/sessions/logout.ts']
    },
    {
        name: 'a logout that was never reported',
        file: 'lib/sessions/pending-revocations.ts',
        find: 'this.#uncertain.has(name) || ',
        replace: '',
        tests: ['test/sessions/pending-revocations.ts', 'test/sessions/logout.ts']
    },
    {
        name: 'clocks that are apart in opposite directions',
        file: 'lib/sessions/revocations.ts',
        find: 'const skew = 2 * maxSkew;',
        replace: 'const skew = maxSkew;',
        tests: ['test/sessions/revocations.ts', 'test/stories/logout-remembered.ts']
    },
    {
        name: 'an issuer whose clock is ahead',
        file: 'lib/sessions/revocations.ts',
        find: 'this.margin = marginOf(jwt.clockTolerance);',
        replace: 'this.margin = skew + jwt.clockTolerance;',
        tests: ['test/sessions/revocations.ts', 'test/stories/logout-remembered.ts']
    },
    {
        name: 'sessions that begin while the others are ended',
        file: 'lib/sessions/logout.ts',
        find: 'page.sessions.filter(({ created }) => created <= latest)',
        replace: 'page.sessions.filter(() => true)',
        tests: ['test/sessions/logout.ts']
    },
    {
        name: 'a token that was made up',
        file: 'lib/sessions/refresh-tokens.ts',
        find: '        if (found.state === \'unknown\') {\n            return \'refresh_token_invalid\';\n        }\n',
        replace: '        if (found.state === \'unknown\') {\n            return await blacklist.cutoff(list.identities(parsed)) > 0 ? \'refresh_token_revoked\' : \'refresh_token_invalid\';\n        }\n',
        tests: ['test/sessions/refresh-tokens.ts']
    },
    {
        name: 'an access token that outlives its session',
        file: 'lib/sessions/sessions.ts',
        find: 'Math.min(jwt.ttl, remaining)',
        replace: 'jwt.ttl',
        tests: ['test/sessions/sessions.ts']
    },

    // How long what is revoked stays so

    {
        name: 'the everyone name of a refresh token of a lookup',
        file: 'lib/sessions/refresh-tokens.ts',
        find: '        const everyone = identify(\'everyone\', issuer);',
        replace: '        const everyone = id;',
        tests: ['test/sessions/refresh-tokens.ts']
    },
    {
        name: 'the clock that issued a refresh token of a lookup',
        file: 'lib/sessions/refresh-tokens.ts',
        find: '(issued ?? 0) - jwt.clockTolerance',
        replace: '(issued ?? 0)',
        tests: ['test/sessions/refresh-tokens.ts']
    },
    {
        name: 'the margin of a token',
        file: 'lib/sessions/revocations.ts',
        find: 'Math.max(expires - Date.now(), least) + skew',
        replace: 'Math.max(expires - Date.now(), least)',
        tests: ['test/sessions/revocations.ts']
    },
    {
        name: 'a renewal of a token that is ended alone',
        file: 'lib/sessions/revocations.ts',
        find: 'Math.max(expires - Date.now(), least)',
        replace: '(expires - Date.now())',
        tests: ['test/sessions/revocations.ts']
    },
    {
        name: 'the life of a cut-off',
        file: 'lib/sessions/revocations.ts',
        find: 'ttl: Math.max(longest - (Date.now() - issued), skew)',
        replace: 'ttl: skew',
        tests: ['test/sessions/revocations.ts']
    },
    {
        name: 'the margin of an old cut-off',
        file: 'lib/sessions/revocations.ts',
        find: 'ttl: Math.max(longest - (Date.now() - issued), skew)',
        replace: 'ttl: longest - (Date.now() - issued)',
        tests: ['test/sessions/revocations.ts']
    },
    {
        name: 'a cut-off that is kept too long',
        file: 'lib/sessions/revocations.ts',
        find: 'ttl: Math.max(longest - (Date.now() - issued), skew)',
        replace: 'ttl: longest',
        tests: ['test/sessions/revocations.ts']
    },
    {
        name: 'refresh tokens that outlive access tokens, of a cut-off',
        file: 'lib/sessions/revocations.ts',
        find: 'this.#life = Math.max(jwt.maxAge, this.#refreshLife);',
        replace: 'this.#life = jwt.maxAge;',
        tests: ['test/sessions/revocations.ts']
    },
    {
        name: 'the clock tolerance and the margin of a cut-off',
        file: 'lib/sessions/revocations.ts',
        find: 'const longest = this.#life + this.margin;',
        replace: 'const longest = this.#life;',
        tests: ['test/sessions/revocations.ts']
    },
    {
        name: 'the refresh tokens of a session',
        file: 'lib/sessions/revocations.ts',
        find: 'Math.max(accessLife, this.#refreshLife)',
        replace: 'accessLife',
        tests: ['test/sessions/revocations.ts']
    },
    {
        name: 'the access tokens of a session of another issuer',
        file: 'lib/sessions/revocations.ts',
        find: 'state === \'stored\' ? jwt.ttl : jwt.maxAge',
        replace: 'jwt.ttl',
        tests: ['test/sessions/revocations.ts']
    },
    {
        name: 'the clock tolerance and the margin of a session',
        file: 'lib/sessions/revocations.ts',
        find: 'ttl: life + this.margin',
        replace: 'ttl: life',
        tests: ['test/sessions/revocations.ts']
    },
    {
        name: 'the margin of a session whose row is gone',
        file: 'lib/sessions/logout.ts',
        find: 'revocations: revocations.map((revocation) => ({ ...revocation, ttl: 0 })), margin }',
        replace: 'revocations: revocations.map((revocation) => ({ ...revocation, ttl: 0 })), margin: 0 }',
        tests: ['test/sessions/logout.ts']
    },
    {
        name: 'the life of a token known by its jti',
        file: 'lib/sessions/revocations.ts',
        find: 'issuer, this.#settings.jwt.maxAge);',
        replace: 'issuer, 0);',
        tests: ['test/sessions/revocations.ts']
    },
    {
        name: 'the refresh token of a lookup that is to end with its session only',
        file: 'lib/sessions/revocations.ts',
        find: 'refresh && (lookup || !isEnded(refresh))',
        replace: 'refresh && !isEnded(refresh)',
        tests: ['test/sessions/revocations.ts']
    },
    {
        name: 'all of a subject, where a session of another issuer goes on',
        file: 'lib/sessions/logout.ts',
        find: 'session !== null ? identify(\'session\', issuer, session) : ',
        replace: '',
        tests: ['test/receivers/back-channel.ts']
    },
    // How many sessions a subject may have

    {
        name: 'a number of sessions that nobody may have',
        file: 'lib/sessions/sessions.ts',
        find: 'Number.isInteger(number) && number >= least && number <= most',
        replace: 'number !== null || least === most',
        tests: ['test/stories/many-sessions.ts']
    },
    {
        name: 'one session more, where it is to be refused',
        file: 'lib/sessions/sessions.ts',
        find: 'refuses: whenFull === \'refuse\'',
        replace: 'refuses: whenFull === null',
        tests: ['test/stories/many-sessions.ts']
    },
    {
        name: 'an access token that outlives its session, where a login takes its place',
        file: 'lib/sessions/sessions.ts',
        find: '                await logout.endSession({ issuer: this.#issuer, subject: claims.sub, session: sessionId({ subject, id }) });\n',
        replace: '',
        tests: ['test/stories/many-sessions.ts']
    },
    {
        name: 'a login that is refused for a session that has ended',
        file: 'lib/sessions/sessions.ts',
        find: 'if (stored.length - dead.length >= session.max) {',
        replace: 'if (stored.length > 0) {',
        tests: ['test/stories/many-sessions.ts']
    },
    {
        name: 'a login that is refused for a session that was removed meanwhile',
        file: 'lib/sessions/sessions.ts',
        find: 'if (stored.length - dead.length >= session.max) {',
        replace: 'if (dead.length === 0) {',
        tests: ['test/stories/many-sessions.ts']
    },

    // An authentication once more

    {
        name: 'a method of an authentication before',
        file: 'lib/sessions/sessions.ts',
        find: 'acr: undefined, amr: undefined, ...how',
        replace: '...how',
        tests: ['test/request/step-up.ts']
    },
    {
        name: 'a refresh token from before an authentication',
        file: 'lib/sessions/sessions.ts',
        find: 'replacement(token), { nonce: \'\', claims',
        replace: 'replacement(token), { nonce: \'a\', claims',
        tests: ['test/request/step-up.ts']
    },
    {
        name: 'an authentication in the future',
        file: 'lib/sessions/sessions.ts',
        find: 'return Math.min(given, Math.floor(Date.now() / 1000));',
        replace: 'return given === Infinity ? Math.floor(Date.now() / 1000) : given;',
        tests: ['test/request/step-up.ts']
    },
    {
        name: 'a token that replaces another, and can be derived from it',
        file: 'lib/sessions/refresh-token-format.ts',
        find: 'return read(seal([bytes.subarray(0, secretStart), randomBytes(checksumStart - secretStart)]));',
        replace: 'return successor(read(bytes), \'\');',
        tests: ['test/sessions/refresh-token-format.ts']
    }
];
