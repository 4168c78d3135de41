import { OutgoingMessage } from 'node:http';

import { parseChallenges } from './challenge-parser';


// RFC 6750 §3 and §3.1

const errors = ['invalid_request', 'invalid_token', 'insufficient_scope'];

const text = /^[ !#-[\]-~]+$/;


/** How many WWW-Authenticate fields this process has sent. */
export const seen = { fields: 0 };


/** @throws `Error` where a WWW-Authenticate field is none that this package may send. */
export const inspectField = function (field: string): void {

    for (const { scheme, token68, params } of parseChallenges(field)) {
        if (scheme !== 'Bearer') {
            continue;
        }

        const { realm, resource_metadata: metadata = 'https://a', error, error_description: description, ...rest } = params;
        const problem =
            token68 !== undefined && 'a token' ||
            Object.keys(rest).length > 0 && `the parameters ${Object.keys(rest).join(', ')}` ||
            realm === undefined && 'no realm' ||
            !URL.canParse(metadata) && 'metadata that is no URL' ||
            error !== undefined && !errors.includes(error) && `the error ${error}` ||
            (error === undefined) !== (description === undefined) && 'an error or a description alone' ||
            description !== undefined && !text.test(description) && 'characters that a description must not have';

        if (problem) {
            throw new Error(`A challenge has ${problem}: ${field}`);
        }
    }
};


// Every response of this process passes here, whichever server and whichever test sends it. What is wrong fails the test that is running

const { setHeader } = OutgoingMessage.prototype;

OutgoingMessage.prototype.setHeader = function (name, value) {

    if (name.toLowerCase() === 'www-authenticate') {
        for (const field of [value].flat()) {
            ++seen.fields;
            try {
                inspectField(String(field));
            }
            catch (error) {
                queueMicrotask(() => {

                    throw error;
                });
            }
        }
    }

    return setHeader.call(this, name, value);
};
