'use strict';

// What has to hold whatever comes in. Each property is run by `npm test`, a few hundred times, and by `npm run fuzz` for as long as it is told

const Assert = require('assert');

const FastCheck = require('fast-check');

const { algorithms, places, receivers } = require('./world');


const internals = {

    // What Node lets through in a header, and a query as it stands in a URL

    bytes: FastCheck.string({ unit: FastCheck.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)), maxLength: 300 }),
    text: FastCheck.oneof(FastCheck.string({ unit: 'binary', maxLength: 100 }), FastCheck.string({ unit: 'grapheme', maxLength: 100 })),
    base64url: FastCheck.string({ unit: FastCheck.constantFrom(...'ABCXYZabcxyz0189-_.'), maxLength: 300 }),
    place: FastCheck.constantFrom(...places),
    alg: FastCheck.constantFrom(...algorithms),
    receiver: FastCheck.constantFrom(...receivers),
    types: { '/back-channel': 'logout+jwt', '/revocation': 'global-token-revocation+jwt', '/events': 'secevent+jwt' }
};


internals.encoded = internals.text.map((text) => encodeURIComponent(text.toWellFormed()));

internals.query = FastCheck.array(FastCheck.oneof(
    internals.encoded,
    internals.encoded.map((value) => `refreshToken=${value}`),
    internals.base64url.map((value) => `refreshToken=${value}`),
    FastCheck.constantFrom('refreshToken', 'refreshToken=', 'refreshToken[]=a', 'refreshToken[a]=b', '%72efreshToken=a', 'refreshToken=%', 'refreshToken=%ff', 'refreshToken=%00', '__proto__=a', '=', '#', '?')
), { maxLength: 5 }).map((parts) => parts.join('&'));

internals.cookie = FastCheck.array(FastCheck.oneof(
    internals.bytes,
    internals.bytes.map((value) => `refresh=${value}`),
    internals.bytes.map((value) => `jwt=${value}`),
    FastCheck.constantFrom('refresh', 'refresh=', '=refresh', 'refresh =a', '\trefresh=a', 'jwt', 'jwt=', '__proto__=a', '$Version=1', '"', '=', '')
), { maxLength: 6 }).map((parts) => parts.join('; '));

internals.authorization = FastCheck.oneof(
    internals.bytes,
    internals.bytes.map((value) => `Bearer ${value}`),
    internals.base64url.map((value) => `Bearer ${value}`),
    FastCheck.array(internals.base64url, { minLength: 2, maxLength: 6 }).map((parts) => `bearer ${parts.join('.')}`)
);

internals.fetchMetadata = FastCheck.record({
    'sec-fetch-site': FastCheck.oneof(FastCheck.constantFrom('same-origin', 'same-site', 'cross-site', 'none'), internals.bytes),
    origin: FastCheck.oneof(FastCheck.constantFrom('null', 'https://evil.example', 'http://localhost'), internals.bytes)
}, { requiredKeys: [] });


// Changes to a text: each is done at a place that is found in it

internals.edits = FastCheck.array(FastCheck.record({
    at: FastCheck.nat(),
    how: FastCheck.constantFrom('replace', 'insert', 'remove', 'cut', 'case', 'bit', 'double', 'swap', 'pad'),
    text: FastCheck.oneof(internals.base64url, internals.bytes).map((text) => text.slice(0, 8))
}), { minLength: 1, maxLength: 4 });


internals.edit = function (original, edits) {

    return edits.reduce((text, { at, how, text: other }) => {

        const i = text.length === 0 ? 0 : at % text.length;
        const [before, it, behind] = [text.slice(0, i), text.slice(i, i + 1), text.slice(i + 1)];
        const parts = text.split('.');

        switch (how) {
            case 'replace': return before + other.slice(0, 1) + behind;
            case 'insert': return before + other + it + behind;
            case 'remove': return before + behind;
            case 'cut': return before;
            case 'case': return before + (it === it.toUpperCase() ? it.toLowerCase() : it.toUpperCase()) + behind;
            case 'bit': return before + String.fromCharCode(it.charCodeAt(0) ^ 1 << at % 7) + behind;
            case 'double': return [...parts, parts[at % parts.length]].join('.');
            case 'swap': return parts.reverse().join('.');
            default: return `${text}${'='.repeat(1 + at % 3)}`;
        }
    }, original);
};


// What cannot be sent at all is none of the scheme's business

internals.isSendable = function (text) {

    return /^[\t\x20-\x7e\x80-\xff]*$/.test(text);
};


const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';


/** Another spelling of the same signature: trailing bits, padding, the other s of an ECDSA signature, the alphabet of plain base64. */
internals.respell = function (token, alg, { bits, padding, other, plain }) {

    const dot = token.lastIndexOf('.');
    let signature = token.slice(dot + 1);

    if (other && alg === 'ES256') {
        const bytes = Buffer.from(signature, 'base64url');
        const s = order - BigInt(`0x${bytes.toString('hex', 32)}`);
        signature = Buffer.from(bytes.toString('hex', 0, 32) + s.toString(16).padStart(64, '0'), 'hex').toString('base64url');
    }

    const free = { 2: 16, 3: 4 }[signature.length % 4] ?? 1;
    const last = alphabet.indexOf(signature.at(-1));
    signature = signature.slice(0, -1) + alphabet[last - last % free + bits % free];

    if (plain) {
        signature = signature.replaceAll('-', '+').replaceAll('_', '/');
    }

    return `${token.slice(0, dot)}.${signature}${'='.repeat(padding)}`;
};


internals.claim = FastCheck.oneof(
    FastCheck.jsonValue({ maxDepth: 3 }),
    FastCheck.constantFrom('42', '', '__proto__', 'a\u0000', '\ud800', -1, 0, 1e300, 8.64e12, 2 ** 53, 1700000000, 4000000000, true, null)
);


/** The members of a JSON object as a text: repeated, in any order, with names of any kind. */
internals.members = function (names) {

    const member = FastCheck.tuple(FastCheck.oneof({ weight: 4, arbitrary: FastCheck.constantFrom(...names) }, { weight: 1, arbitrary: internals.text }), internals.claim);
    return FastCheck.array(member, { maxLength: 4 });
};


internals.json = function (own, members) {

    const all = [...Object.entries(own), ...members];
    return `{${all.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`;
};


internals.endpoint = FastCheck.constantFrom('token', 'revocation', 'introspection');

internals.form = FastCheck.array(FastCheck.oneof(
    internals.bytes,
    internals.encoded,
    FastCheck.tuple(FastCheck.constantFrom('token', 'refresh_token', 'grant_type', 'token_type_hint', 'scope', 'client_id', '__proto__'), FastCheck.oneof(internals.encoded, internals.base64url))
        .map(([name, value]) => `${name}=${value}`),
    FastCheck.constantFrom('grant_type=refresh_token', 'grant_type=refresh_token', 'token', 'token=', 'refresh_token=', 'token[]=a', '%74oken=a', 'token=%', 'token=%ff', 'token=%00', 'token=a.b.c', '=', '&')
), { maxLength: 6 }).map((parts) => parts.join('&'));


/** The properties of a world: name and property. */
exports.properties = function (world) {

    const { asyncProperty } = FastCheck;

    return {

        'random bytes in every place are answered below 500, and write nothing': asyncProperty(
            internals.place, internals.authorization, internals.cookie, internals.query, internals.bytes, internals.fetchMetadata,
            FastCheck.constantFrom('GET /me', 'GET /look', 'POST /refresh', 'POST /logout', 'POST /either'),
            async (place, authorization, cookie, query, header, metadata, line) => {

                const [method, path] = line.split(' ');
                const { writes } = world;
                const status = await world.send(place, method, path, { authorization, cookie, query, headers: { 'x-refresh-token': header, ...metadata } });
                Assert.ok(status >= 400, `a stranger was answered ${status}`);
                Assert.equal(world.writes, writes);
            }
        ),

        'a mutated JWT is accepted only where jose accepts it, and is asked about only then': asyncProperty(
            internals.place, internals.alg, internals.edits,
            async (place, alg, edits) => {

                const jwt = internals.edit(await world.mint(alg, { jti: 'mutated' }), edits);
                FastCheck.pre(internals.isSendable(jwt));

                for (const sent of [{ jwt }, { cookie: `jwt=${jwt}` }]) {
                    const { questions } = world;
                    const status = await world.send(place, 'GET', '/me', sent);
                    const claims = await world.verify(jwt.trim());
                    Assert.ok(status >= 400 || claims !== null, 'it was accepted');
                    Assert.ok(claims !== null || world.questions === questions, 'the store was asked about it');
                }
            }
        ),

        'a signed JWT of random members is accepted only where jose accepts it': asyncProperty(
            internals.place, internals.alg,
            internals.members(['alg', 'typ', 'kid', 'crit', 'b64', 'jwk', 'jku', 'x5u', 'zip', 'cty', '__proto__']),
            internals.members(['sub', 'iss', 'aud', 'exp', 'nbf', 'iat', 'jti', 'sid', 'scope', 'auth_time', 'client_id', '__proto__', 'constructor']),
            async (place, alg, header, claims) => {

                const jwt = world.forge(alg, internals.json({ alg }, header), internals.json(world.claims(), claims));
                const { questions } = world;
                const status = await world.send(place, 'GET', '/me', { jwt });
                const verified = await world.verify(jwt);
                Assert.ok(status >= 400 || verified !== null, 'it was accepted');
                Assert.ok(verified !== null || world.questions === questions, 'the store was asked about it');
            }
        ),

        'a logout with mutated tokens ends the session only where one of them is the same token': asyncProperty(
            internals.place, FastCheck.constantFrom('/logout', '/either'), FastCheck.option(internals.edits), FastCheck.option(internals.edits),
            async (place, path, jwtEdits, refreshEdits) => {

                const pair = await world.login(place);
                const jwt = internals.edit(pair.access_token, jwtEdits ?? []);
                const refreshToken = internals.edit(pair.refresh_token, refreshEdits ?? []);
                FastCheck.pre(internals.isSendable(jwt) && internals.isSendable(refreshToken));

                const { writes } = world;
                const status = await world.send(place, 'POST', path, { jwt, refreshToken });

                if (status < 300) {
                    const sent = (place === 'cookie' ? refreshToken.split(';')[0] : refreshToken).trim();
                    const isSame = await world.verify(jwt.trim()) !== null;
                    Assert.ok(sent === pair.refresh_token || isSame && sent === '' && path === '/either', 'another pair logged out');
                    Assert.ok(jwt.trim() !== '' || path === '/either', 'half a pair logged out');
                    Assert.ok(!await world.isAlive(place, pair), 'the pair lives on');
                }
                else {
                    Assert.equal(world.writes, writes);
                    Assert.ok(await world.isAlive(place, pair), 'the pair is dead');
                }
            }
        ),

        'no spelling of a revoked JWT is accepted': asyncProperty(
            internals.place, internals.alg, FastCheck.boolean(),
            FastCheck.array(FastCheck.record({ bits: FastCheck.nat(15), padding: FastCheck.nat(3), other: FastCheck.boolean(), plain: FastCheck.boolean() }), { minLength: 1, maxLength: 8 }),
            async (place, alg, isNamed, spellings) => {

                const jwt = await world.mint(alg, { ...isNamed && { jti: `revoked-${Math.random()}` }, n: Math.random() });
                const all = [jwt, ...spellings.map((spelling) => internals.respell(jwt, alg, spelling))];
                const revoked = all[spellings[0].bits % all.length];

                // Whichever spelling is logged out, if it is one at all, none lives on

                const status = await world.send(place, 'POST', '/either', { jwt: revoked });
                const isSpelling = status < 300;
                Assert.ok(!isSpelling || await world.verify(revoked) !== null);
                for (const spelling of all) {
                    const claims = await world.verify(spelling);
                    world.spellings = (world.spellings ?? 0) + (isSpelling && claims !== null && spelling !== revoked ? 1 : 0);

                    for (const sent of [{ jwt: spelling }, { cookie: `jwt=${spelling}` }]) {
                        const answered = await world.send(place, 'GET', '/me', sent);
                        Assert.ok(answered >= 400 || !isSpelling && claims !== null, 'a spelling of it was accepted');
                    }
                }
            }
        ),

        'random forms at an endpoint are answered below 500, write nothing, and find no token alive': asyncProperty(
            internals.place, internals.endpoint, internals.form, internals.cookie, internals.bytes, FastCheck.boolean(),
            async (place, endpoint, form, cookie, type, isForm) => {

                const { writes } = world;
                const { statusCode, result } = await world.post(place, endpoint, Buffer.from(form, 'latin1'), { cookie, ...!isForm && { 'content-type': type } });
                Assert.ok(statusCode >= 400 || endpoint !== 'token', 'a stranger was given tokens');
                Assert.ok(statusCode >= 400 || endpoint !== 'introspection' || result.active === false, 'a stranger\'s token is alive');
                Assert.equal(world.writes, writes);
            }
        ),

        'an endpoint takes a mutated token for a live one only where it is the same token': asyncProperty(
            internals.place, FastCheck.boolean(), internals.edits, internals.edits,
            async (place, isRevoked, jwtEdits, refreshEdits) => {

                const pair = await world.login(place);
                const jwt = internals.edit(pair.access_token, jwtEdits);
                const refreshToken = internals.edit(pair.refresh_token, refreshEdits);
                const isJwt = await world.verify(jwt) !== null;
                const isSame = refreshToken === pair.refresh_token;
                const form = (fields) => String(new URLSearchParams(fields));

                const { questions, writes } = world;
                const { result } = await world.post(place, 'introspection', form({ token: jwt }));
                Assert.ok(result.active !== true || isJwt, 'it was called alive');
                Assert.ok(isJwt || world.questions === questions, 'the store was asked about it');

                // Not each spelling that jose accepts is accepted here

                if (isRevoked) {
                    const isAccepted = isJwt && jwt === jwt.trim() && internals.isSendable(jwt) && await world.send(place, 'GET', '/me', { jwt }) < 300;
                    await world.post(place, 'revocation', form({ token: jwt }));
                    await world.post(place, 'revocation', form({ token: refreshToken }));
                    Assert.equal(await world.isAlive(place, pair), !isAccepted && !isSame);
                }
                else {
                    const { statusCode } = await world.post(place, 'token', form({ grant_type: 'refresh_token', refresh_token: refreshToken }));
                    Assert.ok(statusCode >= 400 || isSame, 'it was renewed');
                    Assert.equal(world.writes, writes);
                }
            }
        ),

        'a cookie changes nothing for a page that is not shown to be of this origin': asyncProperty(
            internals.fetchMetadata, FastCheck.constantFrom('/refresh', '/logout', '/either'),
            async (headers, path) => {

                const pair = await world.login('cookie');
                const { writes } = world;
                const status = await world.send('cookie', 'POST', path, { cookie: `refresh=${pair.refresh_token}; jwt=${pair.access_token}`, headers });

                const { 'sec-fetch-site': site, origin } = headers;
                const isOwn = site === undefined ? origin === undefined : ['same-origin', 'none'].includes(site);
                if (isOwn) {
                    Assert.ok(status < 300, `it was answered ${status}`);
                }
                else {
                    Assert.equal(status, 403);
                    Assert.equal(world.writes, writes);
                }
            }
        ),

        'orders of random bytes are answered below 500, and write nothing': asyncProperty(
            internals.receiver, FastCheck.option(internals.authorization),
            FastCheck.oneof(FastCheck.constantFrom('application/x-www-form-urlencoded', 'application/json', 'application/secevent+jwt', 'multipart/form-data; boundary=a'), internals.bytes),
            FastCheck.oneof(
                internals.bytes,
                internals.text,
                FastCheck.json({ maxDepth: 3 }),
                internals.base64url.map((token) => `logout_token=${token}`),
                FastCheck.array(internals.base64url, { minLength: 3, maxLength: 3 }).map((parts) => `logout_token=${parts.join('.')}`),
                FastCheck.jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify({ sub_id: value })),
                FastCheck.constantFrom('logout_token', 'logout_token=', 'logout_token=%', 'logout_token=%ff', 'logout_token[]=a', '__proto__=a', '[]', 'null', '{"sub_id":{"format":"iss_sub"}}')
            ),
            async (path, authorization, type, payload) => {

                const { writes } = world;
                const status = await world.sendOrder(path, { payload, type, authorization: authorization ?? undefined });
                Assert.ok(status >= 400, `a stranger was answered ${status}`);
                Assert.equal(world.writes, writes);
            }
        ),

        'a mutated order is carried out only where jose accepts it': asyncProperty(
            internals.receiver, internals.alg, internals.edits,
            async (path, alg, edits) => {

                const token = internals.edit(world.forge(alg, JSON.stringify({ alg, typ: internals.types[path] }), JSON.stringify(world.order(path))), edits);
                FastCheck.pre(internals.isSendable(token));

                const { writes } = world;
                const status = await world.sendToken(path, token);
                const isCarriedOut = status < 300;
                Assert.ok(!isCarriedOut || await world.verify(token.trim(), path) !== null, 'it was carried out');
                Assert.ok(isCarriedOut || world.writes === writes, 'it was written');
            }
        ),

        'a signed order of random members is carried out only where it is one': asyncProperty(
            internals.receiver, internals.alg,
            internals.members(['typ', 'kid', 'crit', 'b64', 'jwk', 'zip', '__proto__']),
            internals.members(['sub', 'sid', 'iss', 'aud', 'exp', 'nbf', 'iat', 'jti', 'events', 'nonce', 'sub_id', '__proto__']),
            FastCheck.oneof(FastCheck.jsonValue({ maxDepth: 3 }), FastCheck.record({ format: FastCheck.constantFrom('iss_sub', 'opaque', 'aliases', 'complex', 'email'), sub: internals.claim, id: internals.claim, identifiers: internals.claim })),
            async (path, alg, header, claims, subject) => {

                const token = world.forge(alg, internals.json({ alg, typ: internals.types[path] }, header), internals.json(world.order(path), claims));
                const { writes } = world;
                const status = await world.sendToken(path, token, subject);
                const verified = await world.verify(token, path);

                if (status < 300) {
                    Assert.ok(verified !== null && typeof verified.jti === 'string', 'it was carried out');
                    Assert.ok(path === '/revocation' || Object.keys(verified.events).length > 0, 'it has no event');
                    Assert.ok(path !== '/back-channel' || verified.nonce === undefined, 'it is an ID token');
                }
                else {
                    Assert.equal(world.writes, writes);
                }
            }
        )
    };
};
