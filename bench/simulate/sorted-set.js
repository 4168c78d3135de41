'use strict';


/** Members by score, and by name where scores are equal. */
exports.SortedSet = class SortedSet {

    scores = new Map();
    list = [];

    static from(other) {

        const copy = new SortedSet();
        copy.scores = new Map(other.scores);
        copy.list = [...other.list];
        return copy;
    }

    get size() {

        return this.list.length;
    }

    set(member, score) {

        const held = this.scores.get(member);
        if (held === score) {
            return;
        }

        if (held !== undefined) {
            this.list.splice(this.#place(held, member), 1);
        }

        this.scores.set(member, score);
        this.list.splice(this.#place(score, member), 0, member);
    }

    delete(member) {

        const held = this.scores.get(member);
        if (held === undefined) {
            return false;
        }

        this.list.splice(this.#place(held, member), 1);
        return this.scores.delete(member);
    }

    /** Members with a score from `min` to `max`, each a text as Redis takes it: `5`, `(5`, `-inf`. */
    between(min, max) {

        const [least, isLeastOut] = bound(min);
        const [most, isMostOut] = bound(max);
        const from = this.#first((score) => (isLeastOut ? score > least : score >= least));
        const to = this.#first((score) => (isMostOut ? score >= most : score > most));
        return this.list.slice(from, Math.max(from, to));
    }

    #first(isPast) {

        let low = 0;
        let high = this.list.length;
        while (low < high) {
            const middle = (low + high) >> 1;
            if (isPast(this.scores.get(this.list[middle]))) {
                high = middle;
            }
            else {
                low = middle + 1;
            }
        }

        return low;
    }

    #place(score, member) {

        // Most come last

        const last = this.list[this.list.length - 1];
        if (last === undefined || this.scores.get(last) < score) {
            return this.list.length;
        }

        let low = 0;
        let high = this.list.length;
        while (low < high) {
            const middle = (low + high) >> 1;
            const other = this.list[middle];
            const otherScore = this.scores.get(other);
            if (otherScore < score || otherScore === score && other < member) {
                low = middle + 1;
            }
            else {
                high = middle;
            }
        }

        return low;
    }
};


const infinities = { '-inf': -Infinity, '+inf': Infinity, inf: Infinity };


const bound = function (text) {

    const isOut = text.startsWith('(');
    const number = isOut ? text.slice(1) : text;
    const value = infinities[number] ?? Number(number);
    if (Number.isNaN(value)) {
        throw new Error('ERR min or max is not a float');
    }

    return [value, isOut];
};
