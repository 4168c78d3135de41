import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { identify, sessionId } from '../../lib/blacklist/identities';
import { Failure, Usage } from '../../lib/cli/failure';
import { issuersToRead, issuersToRevoke } from '../../lib/cli/registry';
import { command, Deployment, issuer, sid } from '../support/command';
import { jwt } from '../support/server';


export const lab = Lab.script();
const { describe, it } = lab;


const app = new Deployment(lab);


// A store that knows one session, of the subject 42 of an issuer

const owner = 'https://b.example';

const subject = identify('subject', owner, '42');

const session = sessionId({ subject, id: 'abcdefghijklmnop' });

const storeOf = function (...names: string[]): any {

    return {
        prefixes: async () => [],
        start: async () => undefined,
        registered: async () => names.map((name, i) => ({ issuer: identify('everyone', name), life: i, tolerance: 0, name })),
        claims: async (address: { subject: string }) => (address.subject === subject ? '{"sub":"42"}' : null)
    };
};

const question = (issuers: string[] = [], target = {}): any => ({ issuers, target, plugin: { prefix: 'p' } });

const three = ['https://c.example', '', owner];

const all = 'Strategies have "" (no issuer), "https://b.example", "https://c.example"';


describe('issuersToRead()', () => {

    const read = async (names: string[], issuers?: string[]) => (await issuersToRead(question(issuers), storeOf(...names))).map(({ name }) => name);

    it('are those that are given, or all that strategies have', async () => {

        expect(await read(three)).to.equal(['', owner, 'https://c.example']);
        expect(await read(three, [owner, ''])).to.equal(['', owner]);
    });

    it('are none that no strategy has', async () => {

        for (const issuers of [['https://d.example'], [owner, 'https://d.example'], ['https://b.example/']]) {
            const error = await expect(read(three, issuers)).to.reject(Usage, `No strategy has the issuer given by --issuer. ${all}`);
            expect(error).to.include({ code: 2 });
        }
    });

    it('are not guessed where nothing is registered', async () => {

        for (const issuers of [[], [owner]]) {
            const error = await expect(read([], issuers)).to.reject(Failure, 'No strategy is registered in this Redis under the prefix "p". Give the app\'s Redis and --prefix. ' +
                'If Redis has lost its data, start the app first: each server registers its strategies again');
            expect(error).to.include({ code: 1 });
        }
    });
});


describe('issuersToRevoke()', () => {

    const revoke = async (names: string[], issuers?: string[], target?: object) => (await issuersToRevoke(question(issuers, target), storeOf(...names))).map(({ name }) => name);

    it('are those that are given, or the only one', async () => {

        expect(await revoke([owner], [], { subject: '42' })).to.equal([owner]);
        expect(await revoke([''], [])).to.equal(['']);
        expect(await revoke(three, [''], { subject: '42' })).to.equal(['']);
        expect(await revoke(three, three, { session: 'external' })).to.have.length(3);
    });

    it('are asked for where there are several', async () => {

        for (const target of [{ subject: '42' }, { session: 'external' }, { jti: 'a' }, {}]) {
            await expect(revoke(three, [], target)).to.reject(Usage, `There are several issuers: choose with --issuer, once for each of several. ${all}`);
        }
    });

    it('are known of a session that issue() began', async () => {

        expect(await revoke(three, [], { session })).to.equal([owner]);
        expect(await revoke(three, ['', owner], { session })).to.equal([owner]);
        await expect(revoke(three, [''], { session })).to.reject(Usage, 'The session belongs to an issuer other than --issuer');
        await expect(revoke([''], [], { session })).to.reject(Usage, 'The session belongs to an issuer that no strategy has');
    });
});


describe('A registry', () => {

    it('that is empty says which prefixes processes have', async () => {

        await Promise.all([app.launch(), app.launch({}, { prefix: 'another' })]);
        const line = ['sessions', '--subject', '42', '--redis', app.redis.path!];
        expect((await command(...line)).stderr).to.equal(`hard-logout: No strategy is registered in this Redis under the prefix "hard-logout". Processes use the prefix "another", "${app.prefix}": give --prefix\n`);

        await app.raw.acl('SETUSER', 'default', '-pubsub');
        try {
            expect((await command(...line)).stderr).to.contain('Give the app\'s Redis and --prefix. If Redis has lost');
        }
        finally {
            await app.raw.acl('SETUSER', 'default', '+pubsub');
        }
    });

    it('has what the servers of the app have registered', async () => {

        await app.launch({ jwt: { ...jwt, issuer: ['https://a.example/with space', issuer], clockTolerance: 1000 } });
        const { login } = await app.launch({ sessions: { maxAge: 100 * 86_400_000 } });
        const pair = await login();

        expect(await app.cli('revoke', '--jti', 'a')).to.include({ code: 2, stderr: 'hard-logout: There are several issuers: choose with --issuer, once for each of several. ' +
            `Strategies have "https://a.example/with space", "${issuer}"\n` });
        expect(await app.cli('revoke', '--session', sid(pair))).to.include({ code: 0, stdout: `Revoked the session "${sid(pair)}", of the issuer "${issuer}". 2 processes have it.\n` });
        await app.expectDead(pair);
    });
});
