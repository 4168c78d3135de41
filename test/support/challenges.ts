import { OutgoingMessage } from 'node:http';

import { parseChallenges } from './challenge-parser';


// RFC 6750 §3 and §3.1

const errors = ['invalid_request', 'invalid_token', 'insufficient_scope'];

// RFC 9470 §3

const stepUp = 'insufficient_user_authentication';

const text = /^[ !#-[\]-~]+$/;


/** How many WWW-Authenticate fields this process has sent. */
export const seen = { fields: 0 };


/** @throws `Error` where a WWW-Authenticate field is none that this package may send. */
export const inspectField = function (field: string): void {

    for (const { scheme, token68, params } of parseChallenges(field)) {
        if (scheme !== 'Bearer') {
            continue;
        }

        const { realm, resource_metadata: metadata = 'https://a', error, error_description: description, acr_values: values, max_age: age, ...rest } = params;
        const problem =
            token68 !== undefined && 'a token' ||
            Object.keys(rest).length > 0 && `the parameters ${Object.keys(rest).join(', ')}` ||
            realm === undefined && 'no realm' ||
            !URL.canParse(metadata) && 'metadata that is no URL' ||
            error !== undefined && ![...errors, stepUp].includes(error) && `the error ${error}` ||
            (values ?? age) !== undefined && error !== stepUp && 'a wish for another authentication that is not its error' ||
            values !== undefined && !/^[!#-[\]-~]+(?: [!#-[\]-~]+)*$/.test(values) && 'acr_values that are no list' ||
            age !== undefined && !/^\d+$/.test(age) && 'a max_age that is no number of seconds' ||
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
