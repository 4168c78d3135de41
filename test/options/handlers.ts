import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { handlerSettings } from '../../lib/options/handlers';


export const lab = Lab.script();

const { describe, it } = lab;


describe('the options of a handler', () => {

    const backChannel = { receive: 'back-channel' as const, strategy: 'provider', client: 'shop' };

    const problem = function (options: unknown): string {

        const error = expect(() => handlerSettings(options, 'POST /receive')).to.throw(Error) as unknown as Error;
        const [start, rest] = error.message.split('the route POST /receive: ');
        expect(start).to.equal('hard-logout: invalid handler options of ');
        return rest!;
    };

    it('have defaults', () => {

        expect(handlerSettings(backChannel, 'POST /receive')).to.equal({ ...backChannel, client: ['shop'], extent: 'session', keepOfflineAccess: false, maxWait: 2000 });
    });

    it('name their kind', () => {

        expect(problem(undefined)).to.equal('value is required');
        expect(problem({})).to.equal('receive or endpoint is required');
        expect(problem({ ...backChannel, endpoint: 'token' })).to.equal('receive and endpoint exclude each other');
        expect(problem({ ...backChannel, receive: 'front-channel' })).to.include('receive must be ');
        expect(problem({ ...backChannel, receive: '__proto__' })).to.include('receive must be ');
    });

    it('of a back-channel logout are named where they are wrong', () => {

        const wrong: [object, string][] = [
            [{ strategy: undefined }, 'strategy is required'],
            [{ client: undefined }, 'client is required'],
            [{ client: [] }, 'client must contain at least 1 items'],
            [{ clients: 'shop' }, 'clients is not allowed'],
            [{ key: 'a' }, 'key missing required peer algorithms'],
            [{ algorithms: ['none'] }, 'algorithms[0] must be one of'],
            [{ issuer: 1 }, 'issuer must be a string'],
            [{ extent: 'others' }, 'extent must be one of [session, subject]'],
            [{ maxWait: 60_001 }, 'maxWait must be less than or equal to 60000'],
            [{ maxWait: -1 }, 'maxWait must be greater than or equal to 0'],
            [{ find: 'a' }, 'find must be of type function']
        ];

        for (const [options, message] of wrong) {
            expect(problem({ ...backChannel, ...options })).to.include(message);
        }
    });

    it('of the endpoints are a strategy, and a URL for their document', () => {

        for (const endpoint of ['revocation', 'introspection', 'token', 'metadata']) {
            expect(handlerSettings({ endpoint, strategy: 'session' }, 'POST /receive')).to.equal({ endpoint, strategy: 'session' } as any);
            expect(problem({ endpoint })).to.equal('strategy is required');
            expect(problem({ endpoint, strategy: 'session', client: 'shop' })).to.equal('client is not allowed');
        }

        expect(problem({ endpoint: 'authorization', strategy: 'session' })).to.include('endpoint must be ');
        expect(problem({ endpoint: '__proto__', strategy: 'session' })).to.include('endpoint must be ');
        expect(problem({ endpoint: 'token', strategy: 'session', url: 'https://a.example' })).to.equal('url is not allowed');
        for (const url of ['a.example', 'ftp://a.example', '/path']) {
            expect(problem({ endpoint: 'metadata', strategy: 'session', url })).to.include('url must be a valid uri');
        }
    });

    it('of a global token revocation are named where they are wrong', () => {

        const options = { receive: 'global-token-revocation', strategy: 'provider' };
        expect(handlerSettings({ ...options, audience: 'a', client: 'b' }, 'POST /receive')).to.include({ audience: ['a'], client: ['b'] });
        expect(problem({ ...options, client: 'b' })).to.equal('client missing required peer audience');
        expect(problem({ ...options, extent: 'session' })).to.equal('extent is not allowed');
    });

    it('of security events are named where they are wrong', () => {

        const options = { receive: 'security-events' as const, strategy: 'provider', audience: 'a' };
        const events = ['session-revoked', 'credential-change', 'account-disabled', 'account-purged', 'sessions-revoked'];
        expect(handlerSettings(options, 'POST /receive')).to.include({ audience: ['a'], events });
        expect(problem({ ...options, audience: undefined })).to.equal('audience is required');
        expect(problem({ ...options, events: ['verification'] })).to.include('events[0] must be one of');
    });

    it('take a key as it is', () => {

        const key = new URL('https://provider.example/keys');
        expect((handlerSettings({ ...backChannel, key, algorithms: ['RS256'] }, 'POST /receive') as { key?: unknown }).key).to.shallow.equal(key);
    });
});
