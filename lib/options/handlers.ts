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


// By the value of `receive`, or of `endpoint`

const kinds: Record<string, Joi.ObjectSchema> = {
    'back-channel': sender.keys({
        receive: Joi.string(),
        client: texts.required(),
        extent: Joi.valid('session', 'subject').default('session')
    })
};


const kindSchema = Joi.object({
    receive: Joi.valid(...Object.keys(kinds)).required()
})
    .unknown()
    .required();


/** The options of a handler, checked. @throws `Error` naming the route and the option. */
export const handlerSettings = function (options: unknown, route: string): HandlerSettings {

    const what = `handler options of the route ${route}`;
    const { receive } = check<{ receive: string }>(kindSchema, options, what);
    return check<HandlerSettings>(kinds[receive]!, options, what);
};
