'use strict';

// Lua's library, as far as scripts use it

const { runtime } = require('./runtime');


const { Table, concatenable, fail, nameOf, number, textOf } = runtime;


// Lua's patterns are regular expressions with other signs, but for a few that are not known here

const classes = { a: 'a-zA-Z', d: '\\d', l: 'a-z', s: '\\s', u: 'A-Z', w: 'a-zA-Z\\d', x: '\\da-fA-F', p: '!-\\/:-@\\[-`{-~', c: '\\x00-\\x1f\\x7f' };

const translated = new Map();

const expression = function (pattern) {

    let found = translated.get(pattern);
    if (!found) {
        found = new RegExp(translate(pattern), 'gs');
        translated.set(pattern, found);
    }

    found.lastIndex = 0;
    return found;
};


const translate = function (pattern) {

    let source = '';
    let isInSet = false;
    for (let i = 0; i < pattern.length; ++i) {
        const sign = pattern[i];
        if (sign === '%') {
            source += escaped(pattern[++i], isInSet);
        }
        else if (isInSet) {
            isInSet = sign !== ']';
            source += sign === '\\' || sign === '[' ? `\\${sign}` : sign;
        }
        else if (sign === '[') {
            isInSet = true;
            source += sign;
        }
        else if (sign === '-') {
            source += '*?';
        }
        else if (sign === '^' && i > 0 || sign === '$' && i < pattern.length - 1) {
            source += `\\${sign}`;
        }
        else {
            source += '\\{}|/'.includes(sign) ? `\\${sign}` : sign;
        }
    }

    return source;
};


const escaped = function (sign, isInSet) {

    if (/[bf\d]/.test(sign)) {
        fail(`this Lua does not know the pattern %${sign}`);
    }

    const set = classes[sign.toLowerCase()];
    if (!set) {
        return `\\${sign}`;
    }

    if (sign !== sign.toLowerCase()) {
        return isInSet ? fail(`this Lua does not know %${sign} in a set`) : `[^${set}]`;
    }

    return isInSet ? set : `[${set}]`;
};


const captures = function (match) {

    return match.length > 1 ? match.slice(1) : [match[0]];
};


// Where a text is searched from: counted from 1, or from its end

const startOf = function (text, start = 1) {

    return start > 0 ? start - 1 : Math.max(0, text.length + start);
};


const search = function (value, pattern, start) {

    const text = concatenable(value);
    const from = startOf(text, start);
    const match = expression(pattern).exec(pattern.startsWith('^') ? text.slice(from) : (expression(pattern).lastIndex = 0, text.slice(from)));
    return match && { match, at: from + match.index };
};


const strings = {
    len: (text) => [concatenable(text).length],
    lower: (text) => [concatenable(text).toLowerCase()],
    upper: (text) => [concatenable(text).toUpperCase()],
    rep: (text, times) => [concatenable(text).repeat(Math.max(0, number(times)))],
    reverse: (text) => [[...concatenable(text)].reverse().join('')],
    byte: (text, at = 1) => [concatenable(text).charCodeAt(startOf(text, at))],
    char: (...codes) => [String.fromCharCode(...codes)],

    sub(value, start, stop = -1) {

        const text = concatenable(value);
        return [text.slice(startOf(text, number(start)), stop < 0 ? text.length + stop + 1 : stop)];
    },

    match(text, pattern, start) {

        const found = search(text, pattern, start);
        return found ? captures(found.match) : [undefined];
    },

    find(text, pattern, start, isPlain) {

        if (isPlain) {
            const at = concatenable(text).indexOf(pattern, startOf(text, start));
            return at === -1 ? [undefined] : [at + 1, at + pattern.length];
        }

        const found = search(text, pattern, start);
        return found ? [found.at + 1, found.at + found.match[0].length, ...found.match.slice(1)] : [undefined];
    },

    gmatch(text, pattern) {

        const matches = [...concatenable(text).matchAll(expression(pattern))];
        let i = 0;
        return [() => (i < matches.length ? captures(matches[i++]) : [undefined])];
    },

    gsub(text, pattern, replacement) {

        let count = 0;
        const replaced = concatenable(text).replace(expression(pattern), (...match) => {

            ++count;
            const groups = captures(match.slice(0, match.findIndex((part) => typeof part === 'number')));
            const value = typeof replacement === 'function' ? replacement(...groups)?.[0] :
                replacement instanceof Table ? replacement.get(groups[0]) :
                    concatenable(replacement).replace(/%(\d)/g, (_, n) => (n === '0' ? match[0] : groups[n - 1]));
            return runtime.isTrue(value) ? concatenable(value) : match[0];
        });

        return [replaced, count];
    },

    format(format, ...args) {

        let i = 0;
        return [format.replace(/%(?:%|(\.\d+)?([dsfgx]))/g, (text, precision, kind) => {

            if (text === '%%') {
                return '%';
            }

            const value = args[i++];
            switch (kind) {
                case 's': return typeof value === 'string' ? value : library.get('tostring')(value)[0];
                case 'd': return String(Math.trunc(number(value)));
                case 'x': return number(value).toString(16);
                case 'f': return fixed(number(value), Number(precision?.slice(1) ?? 6));
                default: return precision === '.17' ? String(number(value)) : textOf(number(value));
            }
        })];
    }
};


const fixed = function (value, digits) {

    return Math.abs(value) < 1e21 ? value.toFixed(digits) : BigInt(value).toString();
};


const tables = {
    concat: (table, separator = '', from = 1, to = table.list.length) => [table.list.slice(from - 1, to).map(concatenable).join(separator)],
    getn: (table) => [table.list.length],

    insert(table, ...args) {

        const [at, value] = args.length === 1 ? [table.list.length + 1, args[0]] : args;
        table.list.splice(at - 1, 0, value);
        return [];
    },

    remove(table, at = table.list.length) {

        return [table.list.splice(at - 1, 1)[0]];
    },

    sort(table, isLess = (a, b) => [runtime.isLess(a, b)]) {

        table.list.sort((a, b) => (runtime.isTrue(isLess(a, b)[0]) ? -1 : runtime.isTrue(isLess(b, a)[0]) ? 1 : 0));
        return [];
    }
};


const maths = {
    floor: (value) => [Math.floor(number(value))],
    ceil: (value) => [Math.ceil(number(value))],
    abs: (value) => [Math.abs(number(value))],
    max: (...values) => [Math.max(...values.map(number))],
    min: (...values) => [Math.min(...values.map(number))],
    fmod: (a, b) => [number(a) % number(b)]
};


const step = function (table, i) {

    const value = table.get(i + 1);
    return value === undefined ? [undefined] : [i + 1, value];
};


const base = {
    ipairs: (table) => [step, table, 0],
    unpack: (table, from = 1, to = table.list.length) => table.list.slice(from - 1, to),
    select: (at, ...args) => (at === '#' ? [args.length] : args.slice(at - 1)),
    type: (value) => [nameOf(value)],
    tostring: (value) => [typeof value === 'number' ? textOf(value) : value === undefined ? 'nil' : String(value)],
    error: (value) => fail(value),
    assert: (...args) => (runtime.isTrue(args[0]) ? args : fail(args[1] ?? 'assertion failed!')),

    pairs(table) {

        const entries = table.entries();
        let i = 0;
        return [() => entries[i++] ?? [undefined]];
    },

    next(table, key) {

        const entries = table.entries();
        return entries[key === undefined ? 0 : entries.findIndex(([each]) => each === key) + 1] ?? [undefined];
    },

    tonumber(value, radix = 10) {

        if (radix === 10 || typeof value !== 'string') {
            return [runtime.tonumber(value)];
        }

        const found = parseInt(value, radix);
        return [Number.isNaN(found) ? undefined : found];
    },

    pcall(callee, ...args) {

        try {
            return [true, ...runtime.call(callee, ...args)];
        }
        catch (error) {
            return [false, error.value ?? error.message];
        }
    }
};


const tableOf = (functions) => new Table([], Object.entries(functions));

const library = tableOf({ ...base, string: tableOf(strings), table: tableOf(tables), math: tableOf(maths) });

runtime.strings = library.get('string');


/** The globals of a script, besides its keys and arguments. */
exports.globals = function (own) {

    return new Table([], [...library.entries(), ...Object.entries(own)]);
};
