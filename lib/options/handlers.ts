import * as Joi from 'joi';

import { algorithms, check } from './schema';

import type { HandlerSettings } from './settings';


const texts = Joi.array().items(Joi.string()).single().min(1);


const sender = Joi.object({
    strategy: Joi.string().required(),
    issuer: Joi.string(),
    key: Joi.any(),
    algorithms,
    maxWait: Joi.number().integer().min(0).max(60_000).default(2000),
    find: Joi.func()
})
    .with('key', 'algorithms');


const securityEvents = ['session-revoked', 'credential-change', 'account-disabled', 'account-purged', 'sessions-revoked'];


const endpoint = Joi.object({
    endpoint: Joi.string(),
    strategy: Joi.string().required()
});


// By the value of `receive`

const senders: Record<string, Joi.ObjectSchema> = {
    'back-channel': sender.keys({
        receive: Joi.string(),
        client: texts.required(),
        extent: Joi.valid('session', 'subject').default('session'),
        keepOfflineAccess: Joi.boolean().default(false)
    }),
    'global-token-revocation': sender.keys({
        receive: Joi.string(),
        audience: texts,
        client: texts
    })
        .with('client', 'audience'),
    'security-events': sender.keys({
        receive: Joi.string(),
        audience: texts.required(),
        events: Joi.array().items(Joi.valid(...securityEvents)).unique().default([...securityEvents])
    })
};


// By the value of `endpoint`

const endpoints: Record<string, Joi.ObjectSchema> = {
    revocation: endpoint,
    introspection: endpoint,
    token: endpoint,
    metadata: endpoint.keys({
        url: Joi.string().uri({ scheme: ['http', 'https'] })
    })
};


const kindSchema = Joi.object({
    receive: Joi.valid(...Object.keys(senders)),
    endpoint: Joi.valid(...Object.keys(endpoints))
})
    .xor('receive', 'endpoint')
    .messages({ 'object.missing': 'receive or endpoint is required', 'object.xor': 'receive and endpoint exclude each other' })
    .unknown()
    .required();


/** The options of a handler, checked. @throws `Error` naming the route and the option. */
export const handlerSettings = function (options: unknown, route: string): HandlerSettings {

    const what = `handler options of the route ${route}`;
    const { receive, endpoint: name } = check<{ receive?: string; endpoint?: string }>(kindSchema, options, what);
    return check<HandlerSettings>(receive === undefined ? endpoints[name!]! : senders[receive]!, options, what);
};
