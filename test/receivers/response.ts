import { expect } from '@hapi/code';
import * as Hapi from '@hapi/hapi';
import * as Lab from '@hapi/lab';

import { KeySetOutage, Outage } from '../../lib/errors/outage';
import { InvalidRequest, oauthNames, respond, respondToError } from '../../lib/receivers/response';


export const lab = Lab.script();

const { describe, it } = lab;


describe('the response of a handler', () => {

    const send = async function (handler: Hapi.Lifecycle.Method) {

        const server = Hapi.server({ debug: false });

        // What many apps do with errors

        server.ext('onPreResponse', ({ response }, h) => ('isBoom' in response ? h.response('<h1>Sorry</h1>').code(500) : h.continue));
        server.route({ method: 'GET', path: '/', handler });
        const { statusCode, headers, payload } = await server.inject('/');
        return { statusCode, payload, cache: headers['cache-control'], retry: headers['retry-after'] };
    };

    it('is never stored', async () => {

        expect(await send((request, h) => respond(h, 200))).to.equal({ statusCode: 200, payload: '', cache: 'no-store', retry: undefined });
        expect(await send((request, h) => respond(h, 202, { a: 1 }))).to.equal({ statusCode: 202, payload: '{"a":1}', cache: 'no-store', retry: undefined });
    });

    it('has an error as its standard wants it, whatever the app does with errors', async () => {

        const error = new InvalidRequest('invalid_key', 'No key');
        expect(await send((request, h) => respondToError(h, error, oauthNames))).to.equal({ statusCode: 400, payload: '{"error":"invalid_key","error_description":"No key"}', cache: 'no-store', retry: undefined });
        expect(await send((request, h) => respondToError(h, error, { code: 'err', text: 'description' }))).to.include({ payload: '{"err":"invalid_key","description":"No key"}' });
    });

    it('is 401 for a sender that is not known', async () => {

        expect(await send((request, h) => respondToError(h, new InvalidRequest('authentication_failed', 'Who are you?'), oauthNames))).to.include({ statusCode: 401 });
    });

    it('asks to come again where something is away, and says nothing of it', async () => {

        for (const outage of [new Outage('redis://secret'), new KeySetOutage('https://secret')]) {
            expect(await send((request, h) => respondToError(h, outage, oauthNames))).to.equal({
                statusCode: 503,
                payload: '{"error":"temporarily_unavailable","error_description":"The request could not be carried out yet"}',
                cache: 'no-store',
                retry: '1'
            });
        }
    });

    it('leaves any other error to the app', async () => {

        expect(await send((request, h) => respondToError(h, new Error('a bug'), oauthNames))).to.include({ statusCode: 500, payload: '<h1>Sorry</h1>' });
    });
});
