import { isText } from '../jwt/claims';
import { isObject } from './body';
import { InvalidRequest } from './response';

import type { SubjectIdentifier } from '../types';


/** What a subject identifier names in the tokens of an issuer; empty if only the app can know. */
export interface NamedSubject {
    issuer?: string;
    subject?: string;
    session?: string;
}


/** A subject identifier (RFC 9493 §3). @throws `InvalidRequest` for anything else. */
export const identifierOf = function (value: unknown): SubjectIdentifier {

    if (!isObject(value) || !isText(value.format)) {
        throw new InvalidRequest('invalid_request', 'The subject identifier sub_id is missing');
    }

    return value as SubjectIdentifier;
};


/** What it names, for a sender of these issuers. An `id` (§3.2.4) is a `sub`, or in the member `session` the id of a session. */
export const subjectOf = function (identifier: unknown, issuers: string[]): NamedSubject {

    if (!isObject(identifier)) {
        return {};
    }

    const { format, iss, sub, id, identifiers, user, session } = identifier;
    if (format === 'iss_sub') {
        return isText(sub) && issuers.includes(iss as string) ? { issuer: iss as string, subject: sub } : {};
    }

    if (format === 'opaque') {
        return isText(id) && issuers.length === 1 ? { issuer: issuers[0], subject: id } : {};
    }

    // §3.2.8: all aliases name the same subject

    if (format === 'aliases' && Array.isArray(identifiers)) {
        return identifiers.map((each) => subjectOf(each, issuers)).find(({ subject }) => subject !== undefined) ?? {};
    }

    // Shared Signals Framework 1.0 §3.3

    if (format === 'complex') {
        const named = { ...subjectOf(user, issuers), session: subjectOf(session, issuers).subject };
        return named.subject === undefined && named.session === undefined ? {} : { issuer: issuers[0], ...named };
    }

    return {};
};
