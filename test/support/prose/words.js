'use strict';

// The words that are not used here, in documents, comments and texts, and what to write instead. A space stands for any white space.

const words = [
    ['answers|answered|answering', 'returns, resolves with, replies, responds with'],
    ['an? [1-5]\\d\\d(?! ?(?:ms|s|kB|MB|GB|bytes|%))', 'responds with 401, the response is 401'],
    ['told|tells|telling', 'is notified, reports, logs, says'],
    ['meets|falls? under', 'applies to, matches'],
    ['whoever|nobody|somebody', 'who it is: the client, another user, no process'],
    ['ours', 'whose it is: the session\'s, the lookup\'s, this package\'s'],
    ['the app\'s(?=[.,;:)]| (?:is|are|was|has|have|and|or|in|to|that|which)\\b)', 'what of the app\'s: the app\'s tokens'],
    ['from elsewhere', 'from where: another issuer\'s, another site\'s'],
    ['held|keeps|kept', 'stores, caches, is valid, stays'],
    ['strikes? off|struck off', 'removes, removed'],
    ['beats', 'sends a heartbeat'],
    ['farewells?', 'leaves'],
    ['as good as', 'equals'],
    ['save (?:for|that|what|when|where)', 'except'],
    ['likewise|besides', 'also'],
    ['(?:its|their) business', 'what it does, or when it is called'],
    ['our name|one of our', 'whose: the cookie, the strategy'],
    ['costs (?:its|their)', 'also verifies, needs'],
    ['takes anyway', 'hapi\'s own cost per request'],
    ['stands? in the way', 'prevents'],
    ['verdicts?', 'entries']
];

const patterns = words.map(([pattern, instead]) => ({ pattern: new RegExp(`\\b(?:${pattern.replaceAll(/ (?!\?)/g, '\\s+')})(?!\\w)`, 'gi'), instead }));


/** The words of a text that are not used here: where they begin and end in it, and what is wrong. */
exports.find = function (text) {

    return patterns.flatMap(({ pattern, instead }) => {

        return Array.from(text.matchAll(pattern), ({ 0: found, index }) => {

            return { start: index, end: index + found.length, message: `Instead of "${found.replaceAll(/\s+/g, ' ')}" write: ${instead}` };
        });
    });
};
