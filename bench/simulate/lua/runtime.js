'use strict';

// What compiled scripts are made of: Lua's values and operators, as JavaScript has them


/** A list that begins at 1, and whatever else has a key. */
const Table = class {

    list;
    rest = null;

    constructor(list = [], pairs = []) {

        this.list = list;
        this.trim();
        if (pairs.length > 0) {
            this.rest = new Map(pairs);
        }
    }

    get(key) {

        return typeof key === 'number' && key >= 1 && key <= this.list.length ? this.list[key - 1] : this.rest?.get(key);
    }

    set(key, value) {

        const { list } = this;
        if (typeof key === 'number' && key >= 1 && key <= list.length + 1 && Number.isInteger(key)) {
            list[key - 1] = value;
            this.trim();
            while (value !== undefined && this.rest?.has(list.length + 1)) {
                const next = list.length + 1;
                list.push(this.rest.get(next));
                this.rest.delete(next);
            }
        }
        else if (value === undefined) {
            this.rest?.delete(key);
        }
        else {
            this.rest ??= new Map();
            this.rest.set(key, value);
        }
    }

    entries() {

        return [...this.list.map((value, i) => [i + 1, value]).filter(([, value]) => value !== undefined), ...this.rest ?? []];
    }

    trim() {

        const { list } = this;
        while (list.length > 0 && list[list.length - 1] === undefined) {
            list.pop();
        }
    }
};


/** What a script throws: a text, or a table. */
const LuaError = class extends Error {

    value;

    constructor(value) {

        super(typeof value === 'string' ? value : String(value?.get?.('err') ?? value));
        this.value = value;
    }
};


const fail = function (text) {

    throw new LuaError(text);
};


const nameOf = function (value) {

    return value === undefined ? 'nil' : value instanceof Table ? 'table' : typeof value;
};


const isTrue = function (value) {

    return value !== undefined && value !== false;
};


const parsed = function (text) {

    // Whole numbers are most of what there is

    if (text.length > 0 && text.length < 16) {
        let whole = 0;
        let i = 0;
        for (; i < text.length; ++i) {
            const digit = text.charCodeAt(i) - 48;
            if (digit < 0 || digit > 9) {
                break;
            }

            whole = whole * 10 + digit;
        }

        if (i === text.length) {
            return whole;
        }
    }

    const number = /^\s*[-+]?(0[xX][\da-fA-F]+|(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?)\s*$/.test(text) ? Number(text) : NaN;
    return Number.isNaN(number) ? undefined : number;
};


const number = function (value) {

    return typeof value === 'number' ? value : numberOf(value);
};


const numberOf = function (value) {

    return (typeof value === 'string' ? parsed(value) : undefined) ?? fail(`attempt to perform arithmetic on a ${nameOf(value)} value`);
};


const tonumber = function (value) {

    return typeof value === 'number' ? value : typeof value === 'string' ? parsed(value) : undefined;
};


/** As '%.0f' writes it. */
const whole = function (value) {

    const given = number(value);
    return Number.isSafeInteger(given) ? String(given) : Math.abs(given) < 1e21 ? given.toFixed(0) : BigInt(given).toString();
};


// As C's %.14g, which is why scripts that want all digits have to say so

const textOf = function (value) {

    if (Number.isInteger(value) && Math.abs(value) < 1e14) {
        return String(value);
    }

    return Number.isFinite(value) ? value.toPrecision(14).replace(/\.?0+(e|$)/, '$1').replace(/e([-+])(\d)$/, 'e$10$2') : { Infinity: 'inf', '-Infinity': '-inf' }[value] ?? 'nan';
};


const concatenable = function (value) {

    return typeof value === 'string' ? value : typeof value === 'number' ? textOf(value) : fail(`attempt to concatenate a ${nameOf(value)} value`);
};


const call = function (callee, ...args) {

    return (typeof callee === 'function' ? callee(...args) : fail(`attempt to call a ${nameOf(callee)} value`)) ?? [];
};


const get = function (base, key) {

    return base instanceof Table ? base.get(key) : fail(`attempt to index a ${nameOf(base)} value (field '${key}')`);
};


exports.runtime = {
    Table, LuaError, fail, nameOf, isTrue, parsed, number, tonumber, whole, textOf, concatenable, call, get,

    listOf: (value) => (value instanceof Table ? value.list : fail(`bad argument (table expected, got ${nameOf(value)})`)),

    // Texts have methods: what the library has for them

    strings: new Table(),

    set(base, key, value) {

        return base instanceof Table ? base.set(key, value) : fail(`attempt to index a ${nameOf(base)} value (field '${key}')`);
    },

    method(base, name, ...args) {

        return call(get(typeof base === 'string' ? exports.runtime.strings : base, name), base, ...args);
    },

    global(globals, name) {

        return globals.get(name) ?? fail(`Script attempted to access nonexistent global variable '${name}'`);
    },

    length(value) {

        return value instanceof Table ? value.list.length : typeof value === 'string' ? value.length : fail(`attempt to get length of a ${nameOf(value)} value`);
    },

    modulo(a, b) {

        const [left, right] = [number(a), number(b)];
        return left - Math.floor(left / right) * right;
    },

    isLess(a, b) {

        return typeof a === typeof b && (typeof a === 'number' || typeof a === 'string') ? a < b : fail(`attempt to compare ${nameOf(a)} with ${nameOf(b)}`);
    }
};
