import { isIP } from 'node:net';

import * as Joi from 'joi';

import { redisProblem } from './redis';

import type { CookieSettings, PluginSettings, RefreshTokenSettings, RouteSettings, StrategySettings } from './settings';


const day = 24 * 60 * 60 * 1000;


/** The bounds of durations, in milliseconds, and of how many sessions a subject may have. */
export const bounds = {
    clockTolerance: { min: 0, max: 300_000, default: 5000 },
    lease: { min: 100, max: 60_000, default: 1500 },
    lifetime: { min: 1000, max: 36_500 * day, longestDefault: 90 * day },
    sessions: { min: 1, max: 1000 }
};


const within = ({ min, max }: { min: number; max: number }) => Joi.number().integer().min(min).max(max);

const lifetime = within(bounds.lifetime);


// RFC 9110 §5.6.2

const token = /^[\w!#$%&'*+.^`|~-]+$/;


// RFC 1034 §3.5, within what hapi accepts; browsers ignore a leading dot (RFC 6265bis §5.6.3)

const domain = /^\.?(?=[^.]{1,63}(?:\.[^.]{1,63})*$)[a-z\d]+(?:-[a-z\d]+)*(?:\.[a-z\d]+(?:-[a-z\d]+)*)*$/i;


// RFC 6454 §6.2. Browsers have only one spelling for an origin of http or https

const isOrigin = function (value: string): boolean {

    const match = /^([a-z][a-z\d+.-]*):\/\/[^\s/?#@*]+$/.exec(value);
    return match !== null && (!/^https?$/.test(match[1]!) || URL.canParse(value) && new URL(value).origin === value);
};


const matching = function (pattern: RegExp, what: string): Joi.CustomValidator {

    return (value: string, helpers) => {

        return pattern.test(value) ? value : helpers.message({ custom: `{{#label}} must be ${what}` });
    };
};


// An option before 0.2

const former = function (hint: string): Joi.Schema {

    return Joi.forbidden().messages({ 'any.unknown': `{{#label}} ${hint}` });
};


const renamed = (name: string) => former(`is called ${name} now`);


const pluginSchema = Joi.object({
    redis: Joi.any().custom((value: unknown, helpers) => {              // Joi.object() would clone a client

        const problem = redisProblem(value);
        return problem === null ? value : helpers.message({ custom: `{{#label}} ${problem}` });
    }),
    prefix: Joi.string().max(100).custom(matching(/^[^{}\s]+$/, 'a text without braces and white space')).default('hard-logout'),
    timeout: Joi.number().integer().min(10).max(60_000).default(400),
    lease: within(bounds.lease).allow(false).default(bounds.lease.default),
    startWithoutStore: Joi.boolean().default(false),
    cache: Joi.object({
        max: Joi.number().integer().min(1).max(10_000_000).default(100_000)
    })
        .default(),
    events: Joi.object({
        client: Joi.alternatives(Joi.boolean(), Joi.function()).default(false).messages({ 'alternatives.types': '{{#label}} must be a boolean or a function' })
    })
        .default()
})
    .default();


export const algorithms = Joi.array().items(Joi.valid(
    'HS256', 'HS384', 'HS512',
    'RS256', 'RS384', 'RS512',
    'PS256', 'PS384', 'PS512',
    'ES256', 'ES384', 'ES512',
    'EdDSA', 'Ed25519'
))
    .min(1)
    .unique();


const jwtSchema = Joi.object({
    key: Joi.any().required(),
    algorithms: algorithms.required(),
    signingKey: Joi.any(),
    issuer: Joi.array().items(Joi.string()).single().min(1),
    audience: Joi.array().items(Joi.string()).single().min(1),
    clockTolerance: within(bounds.clockTolerance).default(bounds.clockTolerance.default),
    maxAge: lifetime.default(30 * day),
    ttl: lifetime.max(Joi.ref('maxAge')).messages({ 'number.max': '{{#label}} must not exceed jwt.maxAge' }).default(({ maxAge }) => Math.min(maxAge, 15 * 60 * 1000)),
    sessionClaim: Joi.string().invalid('__proto__', 'aud', 'auth_time', 'exp', 'iat', 'iss', 'jti', 'nbf', 'scope', 'sub').default('sid'),
    allowBoundTokens: Joi.boolean().default(false),
    cache: Joi.object({
        max: former('is replaced by jwt.cache.maxBytes'),
        maxBytes: Joi.number().integer().min(1024 * 1024).max(2 ** 40).default(256 * 1024 * 1024)
    })
        .allow(false)
        .default()
});


const cookieSchema = Joi.object({
    name: Joi.string().custom(matching(token, 'a cookie name')).invalid('__proto__').required(),
    isSecure: Joi.boolean().default(true),
    isSameSite: Joi.valid('Strict', 'Lax', 'None').default('Strict'),

    // RFC 6265bis §5.6: browsers ignore a longer attribute. §4.1.1: the characters allowed

    path: Joi.string().max(1024).custom(matching(/^\/[!-:<-~]*$/, 'an absolute path')).default('/'),
    domain: Joi.string().max(253).custom((value: string, helpers) => {

        return isIP(value) || !domain.test(value) ? helpers.message({ custom: '{{#label}} must be a domain name' }) : value;
    })
})
    .custom((value: CookieSettings, helpers) => {

        // RFC 6265bis §4.1.3 and §4.1.2.7: browsers drop such a cookie and report nothing

        const needsSecure = /^__(secure|host|http)-/i.test(value.name) || value.isSameSite === 'None';
        if (needsSecure && !value.isSecure) {
            return helpers.message({ custom: '{{#label}} needs isSecure for its name or for isSameSite None' });
        }

        if (/^__host-/i.test(value.name) && (value.path !== '/' || value.domain !== undefined)) {
            return helpers.message({ custom: '{{#label}} with the prefix __Host- needs the path / and no domain' });
        }

        return value;
    });


const cookieOption = Joi.alternatives(cookieSchema, Joi.string());


const refreshTokenSchema = Joi.object({
    query: Joi.string().invalid('__proto__'),
    cookie: cookieOption,
    header: Joi.string().lowercase().custom(matching(token, 'a header name')).invalid('authorization', 'cookie', 'host'),
    find: renamed('lookup.find'),
    revoke: renamed('lookup.remove'),
    maxAge: renamed('sessions.maxAge, or lookup.maxAge,'),
    ttl: renamed('sessions.maxIdle'),
    rotate: renamed('sessions.rotate'),
    grace: renamed('sessions.grace')
})
    .xor('query', 'cookie', 'header');


const sessionsSchema = Joi.object({
    maxIdle: lifetime.default(30 * day),
    ttl: renamed('sessions.maxIdle'),
    maxAge: lifetime.default(bounds.lifetime.longestDefault),
    rotate: Joi.boolean().default(true),
    grace: Joi.number().integer().min(0).max(300_000).default(10_000),
    max: Joi.alternatives().conditional(Joi.func(), { then: Joi.func(), otherwise: within(bounds.sessions) }).default(100),
    whenFull: Joi.valid('end-oldest', 'refuse').default('end-oldest')
});


const lookupSchema = Joi.object({
    find: Joi.func().required(),
    remove: Joi.func().required(),
    maxAge: lifetime.default(bounds.lifetime.longestDefault)
});


const strategySchema = Joi.object({
    jwt: jwtSchema.keys({ cookie: cookieOption }).required(),
    refreshToken: refreshTokenSchema,
    sessions: sessionsSchema,
    lookup: lookupSchema,
    validate: Joi.func(),
    onRevoke: Joi.func(),
    onOutage: Joi.valid('reject', 'serve').default('reject'),
    outage: renamed('onOutage'),
    realm: Joi.string().custom(matching(/^[ !#-[\]-~]+$/, 'printable ASCII without quotes and backslashes')).default('api'),
    resourceMetadata: Joi.string().custom(matching(/^https?:\/\/[^\s"\\#\x7f-\uffff]+$/, 'an http(s) URL without a fragment')),
    origins: Joi.alternatives(Joi.valid('*'), Joi.array().items(Joi.string().custom((value: string, helpers) => {

        return isOrigin(value) ? value : helpers.message({ custom: '{{#label}} must be an origin, as in the header Origin' });
    })))
        .default([]),
    clearSiteData: Joi.array().items(Joi.valid('cache', 'cookies', 'storage', 'executionContexts', 'clientHints', 'prefetchCache', 'prerenderCache', '*')).unique().default([])
})
    .with('sessions', 'refreshToken')
    .with('lookup', 'refreshToken')
    .oxor('sessions', 'lookup')
    .required();


const routeSchema = Joi.object({
    tokens: Joi.valid('access', 'refresh', 'both', 'either'),
    revoke: Joi.valid(false, true, 'token', 'session', 'others', 'subject').default(false),
    allowSafeMethods: Joi.boolean().default(false),
    maxAuthAge: lifetime,
    acr: Joi.array().items(Joi.string().custom(matching(/^[!#-[\]-~]+$/, 'printable ASCII without spaces, quotes and backslashes'))).single().min(1),
    onOutage: Joi.valid('reject', 'serve'),
    outage: renamed('onOutage')
})
    .default();


export const pluginSettings = function (options: unknown): PluginSettings {

    return check(pluginSchema, options, 'plugin options');
};


export const strategySettings = function (options: unknown): StrategySettings {

    const { jwt: { cookie, ...jwt }, refreshToken, ...rest } = check<any>(strategySchema, options, 'strategy options');

    if (rest.origins.length > 0 && cookie === undefined && refreshToken?.cookie === undefined && rest.clearSiteData.length === 0) {
        throw new Error('hard-logout: invalid strategy options: origins needs a token in a cookie, or clearSiteData');
    }

    return {
        ...rest,
        jwt: { ...jwt, issuer: jwt.issuer ?? [], ...cookie !== undefined && { cookie: cookieSettings(cookie, 'jwt.cookie') } },
        ...refreshToken && { refreshToken: placeOf(refreshToken) },
        ...refreshToken && !rest.lookup && { sessions: rest.sessions ?? check(sessionsSchema, {}, 'sessions') }
    };
};


export const routeSettings = function (options: unknown, route: string): RouteSettings {

    const settings = check<any>(routeSchema, options, `plugins['hard-logout'] of the route ${route}`);
    return { ...settings, revoke: settings.revoke === true ? 'session' : settings.revoke };
};


const placeOf = function ({ query, cookie, header }: Record<string, any>): RefreshTokenSettings {

    if (cookie !== undefined) {
        const settings = cookieSettings(cookie, 'refreshToken.cookie');
        return { place: { from: 'cookie', name: settings.name }, cookie: settings };
    }

    return { place: query === undefined ? { from: 'header', name: header } : { from: 'query', name: query } };
};


const cookieSettings = function (cookie: string | CookieSettings, option: string): CookieSettings {

    return typeof cookie === 'string' ? check(cookieSchema, { name: cookie }, option) : cookie;
};


// A joi error contains the options, secrets included. Only its message is passed on, which names an option and no value

export function check<T>(schema: Joi.Schema, options: unknown, what: string): T {

    const { value, error } = schema.validate(options, { errors: { wrap: { label: '' } }, convert: true });
    if (error) {
        throw new Error(`hard-logout: invalid ${what}: ${error.message}`);
    }

    return value;
}
