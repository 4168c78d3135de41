import { identify, sessionAddress } from '../blacklist/identities';
import { codes, Failure, Usage } from './failure';
import { quote } from './terminal';

import type { Invocation } from './arguments';
import type { Context } from './terminal';


/** What the strategies of an issuer registered. Durations are in milliseconds. */
export type RegisteredIssuer = Awaited<ReturnType<Context['store']['registered']>>[number];


type Question = Pick<Invocation, 'issuers' | 'plugin' | 'target'>;


/** The issuers given, or else all that are registered. @throws `Usage` if no strategy has a given one; `Failure` if none is registered; `Outage`. */
export const issuersToRead = async function ({ issuers, plugin }: Question, store: Context['store']): Promise<RegisteredIssuer[]> {

    await store.start();
    const registered = (await store.registered()).sort((a, b) => (a.name < b.name ? -1 : 1));

    if (registered.length === 0) {
        const prefixes = await store.prefixes();
        const remedy = prefixes.length > 0 ? `Processes use the prefix ${prefixes.map(quote).join(', ')}: give --prefix` :
            'Give the app\'s Redis and --prefix. If Redis has lost its data, start the app first: each server registers its strategies again';
        throw new Failure(codes.failed, `No strategy is registered in this Redis under the prefix ${quote(plugin.prefix)}. ${remedy}`);
    }

    if (issuers.some((issuer) => !registered.some(({ name }) => name === issuer))) {
        throw new Usage(`No strategy has the issuer given by --issuer. ${listed(registered)}`);
    }

    return issuers.length === 0 ? registered : registered.filter(({ name }) => issuers.includes(name));
};


/** The issuers given, the session's, or the only one. @throws `Usage` if there are several, or the session has another; as `issuersToRead()`. */
export const issuersToRevoke = async function (question: Question, store: Context['store']): Promise<RegisteredIssuer[]> {

    const { issuers, target: { session } } = question;
    const found = await issuersToRead(question, store);
    const subject = session === undefined ? null : await subjectOf(session, store);

    if (subject) {
        const owners = found.filter(({ name }) => identify('subject', name, subject.name) === subject.identity);
        if (owners.length === 0) {
            throw new Usage(`The session belongs to an issuer ${issuers.length > 0 ? 'other than --issuer' : 'that no strategy has'}`);
        }

        return owners;
    }

    if (issuers.length === 0 && found.length > 1) {
        throw new Usage(`There are several issuers: choose with --issuer, once for each of several. ${listed(found)}`);
    }

    return found;
};


// A session has one issuer: under another one the revocation would end its refresh token and not its access tokens

const subjectOf = async function (session: string, store: Context['store']): Promise<{ identity: string; name: string } | null> {

    const address = sessionAddress(session);
    const claims = address && await store.claims(address);
    return claims ? { identity: address.subject, name: JSON.parse(claims).sub } : null;
};


const listed = function (registered: RegisteredIssuer[]): string {

    return `Strategies have ${registered.map(({ name }) => (name === '' ? '"" (no issuer)' : quote(name))).join(', ')}`;
};
