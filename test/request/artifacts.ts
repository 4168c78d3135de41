import { inspect } from 'node:util';

import { expect } from '@hapi/code';
import * as Hoek from '@hapi/hoek';
import * as Lab from '@hapi/lab';

import { RequestArtifacts, isAffected } from '../../lib/request/artifacts';
import { identify } from '../../lib/blacklist/identities';
import { beganAt } from '../../lib/jwt/claims';
import { bearer, jwt as settings, prepare } from '../support/server';
import { payload } from '../support/tokens';

import type { Request } from '@hapi/hapi';
import type { Claims } from '../../lib';
import type { Pair } from '../support/server';


export const lab = Lab.script();
const { describe, it } = lab;


const { issuer } = settings;


// The artifacts of a request with an access token

const artifactsOf = async function (): Promise<{ artifacts: Request['auth']['artifacts']; pair: Pair }> {

    const { server, login } = await prepare();
    const pair = await login();
    const { request } = await server.inject({ url: '/me', headers: bearer(pair.jwt) });
    return { artifacts: request.auth.artifacts, pair };
};


describe('Artifacts', () => {

    it('have an authentication behind them that no other code can write', async () => {

        const { artifacts } = await artifactsOf();
        expect(RequestArtifacts.authentication(artifacts)).to.include(['tokens', 'plan', 'strategy']);

        // Neither has anything else of them led to it

        const { authentication } = RequestArtifacts;
        const values = Reflect.ownKeys(artifacts!).map((key) => (artifacts as Record<PropertyKey, unknown>)[key]);
        expect(values).to.not.include(authentication(artifacts));
        expect(authentication({ authentication: authentication(artifacts) })).to.be.undefined();

        for (const others of [{ ...artifacts }, Hoek.clone(artifacts), Object.create(artifacts), Object.create(RequestArtifacts.prototype), null, undefined, 'artifacts', {}]) {
            expect(RequestArtifacts.authentication(others)).to.be.undefined();
        }
    });

    it('show no token, however they are looked at', async () => {

        const { artifacts, pair } = await artifactsOf();
        for (const text of [JSON.stringify(artifacts), inspect(artifacts, { depth: Infinity, showHidden: true })]) {
            expect(text).to.contain('subject');
            expect(text).to.not.contain(pair.jwt.split('.')[2]!);
        }
    });

    it('cannot be changed into those of someone else', async () => {

        const { artifacts } = await artifactsOf();
        const { tokens } = RequestArtifacts.authentication(artifacts)!;
        Object.assign(artifacts, { subject: '43', session: 'another' });
        expect(RequestArtifacts.authentication(artifacts)!.tokens).to.shallow.equal(tokens);
        expect(tokens.subject).to.equal('42');
    });
});


describe('isAffected()', () => {

    it('returns whether a revocation applies to the tokens behind artifacts', async () => {

        const { artifacts, pair } = await artifactsOf();
        const { sid } = payload(pair.jwt) as { sid: string };
        const stamp = beganAt(payload(pair.jwt) as unknown as Claims)!;
        const session = identify('session', issuer, sid);

        expect(isAffected(artifacts, [{ key: session, cutoff: stamp }])).to.be.true();
        expect(isAffected(artifacts, [{ key: session, cutoff: stamp - 1 }])).to.be.false();
        expect(isAffected(artifacts, [{ key: identify('session', issuer, 'another'), cutoff: stamp }])).to.be.false();
        expect(isAffected(artifacts, [])).to.be.false();
        expect(isAffected({ ...artifacts }, [{ key: session, cutoff: stamp }])).to.be.false();
    });
});
