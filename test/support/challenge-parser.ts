/** One challenge of a WWW-Authenticate field (RFC 9110 §11.6.1). Names of parameters are in lower case. */
export interface ParsedChallenge {
    scheme: string;
    token68?: string;
    params: Record<string, string>;
}


// RFC 9110 §5.6.2, §5.6.4 and §11.2, as a sender has to write them: no empty list elements, no obsolete text

const grammar = {
    scheme: /[\w!#$%&'*+.^`|~-]+/y,
    param: /([\w!#$%&'*+.^`|~-]+)[\t ]*=[\t ]*(?:([\w!#$%&'*+.^`|~-]+)|"((?:[\t !#-[\]-~]|\\[\t -~])*)")(?=[\t ]*(?:,|$))/y,
    token68: /[\w.~+/-]+=*(?=[\t ]*(?:,|$))/y,
    spaces: / +/y,
    comma: /[\t ]*,[\t ]*/y
};


/** @throws `Error` for whatever the grammar does not have, and for a parameter that is given twice. */
export const parseChallenges = function (field: string): ParsedChallenge[] {

    const challenges: ParsedChallenge[] = [];
    let position = 0;

    const take = (pattern: RegExp): RegExpExecArray | null => {

        pattern.lastIndex = position;
        const match = pattern.exec(field);
        position += match ? match[0].length : 0;
        return match;
    };

    const fail = (problem: string): never => {

        throw new Error(`${problem} at ${position} of ${field}`);
    };

    const params = (challenge: ParsedChallenge, first: RegExpExecArray): void => {

        let param: RegExpExecArray | null = first;
        while (param) {
            const name = param[1]!.toLowerCase();
            if (Object.hasOwn(challenge.params, name)) {
                fail(`The parameter ${name} is repeated`);
            }

            challenge.params[name] = param[2] ?? param[3]!.replace(/\\(.)/g, '$1');

            // After a comma comes another parameter, or another challenge

            const before: number = position;
            param = take(grammar.comma) && take(grammar.param);
            position = param ? position : before;
        }
    };

    do {
        const scheme = take(grammar.scheme) ?? fail('A scheme is missing');
        const challenge: ParsedChallenge = { scheme: scheme[0], params: {} };
        challenges.push(challenge);

        if (take(grammar.spaces)) {
            const param = take(grammar.param);
            if (param) {
                params(challenge, param);
            }
            else {
                challenge.token68 = (take(grammar.token68) ?? fail('A parameter is missing'))[0];
            }
        }
    } while (take(grammar.comma));

    if (position !== field.length) {
        fail('Nothing fits');
    }

    return challenges;
};
