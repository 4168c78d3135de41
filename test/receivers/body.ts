import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { formOf, jsonOf, bodyText } from '../../lib/receivers/body';

import type { Request } from '@hapi/hapi';


export const lab = Lab.script();

const { describe, it } = lab;


describe('a body', () => {

    const request = (payload: unknown, type?: string) => ({ payload, headers: type === undefined ? {} : { 'content-type': type } }) as unknown as Request;

    it('is a text of one media type, in any case and with any parameters', () => {

        for (const type of ['application/json', 'Application/JSON', 'application/json; charset=utf-8', ' application/json ;x=y']) {
            expect(bodyText(request(Buffer.from('ä'), type), 'application/json')).to.equal('ä');
        }

        for (const type of ['text/plain', 'application/json+x', 'application/x', '', undefined]) {
            expect(() => bodyText(request(Buffer.from('a'), type), 'application/json')).to.throw('The content type must be application/json');
        }
    });

    it('is in UTF-8, and is there', () => {

        for (const payload of [Buffer.from([0xff]), null, undefined, 'text', {}]) {
            expect(() => bodyText(request(payload, 'application/json'), 'application/json')).to.throw('The body is not text in UTF-8');
        }
    });

    it('is a form in which each parameter comes once', () => {

        const form = (text: string) => formOf(request(Buffer.from(text), 'application/x-www-form-urlencoded'));
        expect([...form('a=1&b=%26+x&c&d=')]).to.equal([['a', '1'], ['b', '& x']]);
        expect([...form('__proto__=1')]).to.equal([['__proto__', '1']]);
        expect([...form('')]).to.equal([]);
        expect(() => form('a=1&b=2&a=1')).to.throw('A parameter is repeated');
    });

    it('is an object in JSON, no deeper than any is', () => {

        const json = (text: string) => jsonOf(request(Buffer.from(text), 'application/json'));
        expect(json('{"a":[1]}')).to.equal({ a: [1] });
        for (const text of ['', '{', 'null', '[]', '"a"', '1', `{"a":${'['.repeat(64)}${']'.repeat(64)}}`]) {
            expect(() => json(text), text).to.throw('The body is not a JSON object');
        }
    });
});
