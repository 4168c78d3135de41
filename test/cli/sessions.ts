import { setTimeout as wait } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { CommandLine, Deployment, issuer } from '../support/command';


export const lab = Lab.script();
const { describe, it } = lab;


const app = new Deployment(lab);


describe('sessions', () => {

    it('names who acts as the subject', async () => {

        const { auth, server } = await app.launch();
        server.route({ method: 'POST', path: '/act', handler: (request) => auth.issue(null, { sub: 'acted' }, { actor: request.auth.artifacts as any }) });
        const { access_token: agent } = await auth.issue(null, { sub: 'agent' });
        await server.inject({ method: 'POST', url: '/act', headers: { authorization: `Bearer ${agent}` } });
        await auth.issue(null, { sub: 'acted' });

        const { stdout } = await app.cli('sessions', '--subject', 'acted', '--json');
        expect(JSON.parse(stdout).map(({ actor }: any) => actor?.subject)).to.equal(['agent', undefined]);

        const text = (await app.cli('sessions', '--subject', 'acted')).stdout.split('\n');
        expect(text[0]).to.match(/ACTOR +DATA$/);
        expect(text[1]).to.contain('"agent"');
        expect(text[2]).to.not.contain('"agent"');
    });

    it('lists what lives, with what the app attached, and no token', async () => {

        const { auth } = await app.launch();
        const { access_token: jwt, refresh_token: refreshToken } = await auth.issue(null, { sub: '42', secret: 'hush' }, { data: { device: 'a\u001b[2Jphone' } });
        await auth.issue(null, { sub: '42' });
        const sessions = await auth.sessions('42');

        const { code, stdout, stderr } = await app.cli('sessions', '--subject', '42', '--json');
        expect({ code, stderr }).to.equal({ code: 0, stderr: '' });
        const listed = JSON.parse(stdout);
        expect(listed.map(({ expires, ends, ...session }: any) => session)).to.equal(sessions.map(({ id, created, renewed, data }) => ({
            issuer,
            id,
            created,
            renewed,
            ...data !== undefined && { data }
        })));
        for (const name of ['expires', 'ends'] as const) {
            expect(Math.abs(listed[0][name] - sessions[0]![name])).to.be.below(2000);
        }

        const text = (await app.cli('sessions', '--subject', '42')).stdout.split('\n');
        expect(text).to.have.length(4);
        expect(text[0]).to.match(/^SESSION {33}CREATED {19}RENEWED {2}EXPIRES {19}DATA$/);
        expect(text[1]).to.startWith(`${sessions[0]!.id}  ${new Date(sessions[0]!.created).toISOString()}  never    20`);
        expect(text[1]).to.endWith('Z  {"device":"a\\u001b[2Jphone"}');
        expect(text[2]).to.startWith(sessions[1]!.id);
        expect(text[2]).to.endWith('Z');

        for (const secret of ['hush', jwt, refreshToken!]) {
            expect(`${stdout}${text}`).to.not.contain(secret);
        }

        expect(await app.registry()).to.have.length(1);
    });

    it('shows a person how long ago, and of several issuers whose', async () => {

        const { auth } = await app.launch();
        const { refresh_token: refreshToken } = await auth.issue(null, { sub: '42' });
        await wait(5);
        await auth.refresh(refreshToken!);

        await app.register(['another']);
        const { code, stdout } = await new CommandLine(['sessions', ...app.where, '--subject', '42'], { isTTY: true }).done;
        expect(code).to.equal(0);
        const [head, row] = stdout.split('\n');
        expect(head).to.startWith('\u001b[1mSESSION\u001b[22m ');
        expect(stripVTControlCharacters(head!).split(/ {2,}/)).to.equal(['SESSION', 'CREATED', 'RENEWED', 'EXPIRES', 'ISSUER', 'DATA']);
        expect(row).to.match(new RegExp(`^\\S+ {2}(now|\\d seconds? ago) +(now|\\d seconds? ago) +in 29 days {2}"${issuer}"$`));
        expect((await app.cli('sessions', '--subject', '42', '--issuer', issuer)).stdout).to.match(/^SESSION {33}CREATED {19}RENEWED {19}EXPIRES {19}DATA\n/);
        expect((await app.cli('sessions', '--subject', '42', '--issuer', 'another')).stdout).to.equal('No sessions of "42".\n');
    });

    it('leaves out what was revoked', async () => {

        const { login } = await app.launch();
        await login();
        await app.revoke('--issued-before', new Date(Date.now() + 1000).toISOString());
        expect(await app.rows('42')).to.have.length(1);
        expect(await app.cli('sessions', '--subject', '42')).to.equal({ code: 0, stdout: 'No sessions of "42".\n', stderr: '' });
        expect(await app.cli('sessions', '--subject', '42', '--json')).to.include({ stdout: '[]\n' });
    });

    it('can be interrupted', async () => {

        const line = new CommandLine(['sessions', ...app.where, '--subject', '42']);
        line.signal('SIGINT');
        expect(await line.done).to.equal({ code: 130, stdout: '', stderr: 'hard-logout: SIGINT: nothing was read\n' });
    });
});
