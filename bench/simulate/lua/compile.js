'use strict';

// Makes a JavaScript function of a Lua 5.1 script. Values: nil is undefined, a table is a `Table`, a function takes its arguments and returns a list

const { parse } = require('luaparse');

const { runtime } = require('./runtime');


const internals = {};


/**
 * Returns a function that runs the script: `(globals, call, keys, args) => first result`. `call` is `redis.call`, with a list of words.
 *
 * Functions of the library that scripts call most are called directly, and local functions with one result return that instead of a list.
 */
exports.compile = function (text, name = 'script') {

    const { body } = parse(text, { luaVersion: '5.1', encodingMode: 'pseudo-latin1', comments: false });
    const source = new internals.Writer().program(body);
    return new Function('R', `'use strict'; return function ${name}(G, C, KEYS, ARGV) { ${source} };`)(runtime);
};


internals.arithmetic = { '+': '+', '-': '-', '*': '*', '/': '/', '^': '**' };

internals.comparisons = ['==', '~=', '<', '>', '<=', '>='];


// What is called directly: its arguments are texts of JavaScript, and `nodes` what they were

internals.builtins = {
    'redis.call': (args) => `C([${args.join(', ')}])`,
    'tonumber': (args) => (args.length === 1 ? `R.tonumber(${args[0]})` : null),
    'math.floor': (args) => `Math.floor(R.number(${args[0]}))`,
    'math.max': (args) => `Math.max(${args.map((arg) => `R.number(${arg})`).join(', ')})`,
    'math.min': (args) => `Math.min(${args.map((arg) => `R.number(${arg})`).join(', ')})`,
    'string.format': (args) => (args.length === 2 && args[0] === '"%.0f"' ? `R.whole(${args[1]})` : null)
};


internals.isMany = function (node) {

    return /CallExpression$/.test(node?.type) || node?.type === 'VarargLiteral';
};


/** The dotted name of what is called: `math.max`. */
internals.nameOf = function ({ type, name, base, indexer, identifier }) {

    return type === 'Identifier' ? name : type === 'MemberExpression' && indexer === '.' && base.type === 'Identifier' ? `${base.name}.${identifier.name}` : '';
};


// Whether each return of a function has one result, or none

internals.isSingle = function (node) {

    if (Array.isArray(node)) {
        return node.every(internals.isSingle);
    }

    if (node?.type === 'FunctionDeclaration') {
        return true;
    }

    if (node?.type === 'ReturnStatement') {
        return node.arguments.length === 0 || node.arguments.length === 1 && !internals.isMany(node.arguments[0]);
    }

    return [node?.body, node?.clauses].every((inner) => inner === undefined || internals.isSingle(inner));
};


internals.Writer = class {

    #count = 0;
    #scopes = [];
    #singles = new Set();
    #temporaries = [];

    /** Whether the function around, and those around it, return one result: the innermost last. */
    #modes = [];

    program(body) {

        return this.#function([], body, { isProgram: true, isSingle: true });
    }

    // Each local has a name of its own, so that `local x = x` means what it means in Lua

    #declare(name) {

        const own = `${name}_${++this.#count}`;
        this.#scopes.at(-1).set(name, own);
        return own;
    }

    #find(name) {

        return this.#scopes.findLast((scope) => scope.has(name))?.get(name);
    }

    #block(body, before = () => '') {

        this.#scopes.push(new Map());
        const text = before() + body.map((statement) => this.#statement(statement)).join('\n');
        this.#scopes.pop();
        return text;
    }

    #function(parameters, body, { isProgram = false, isSingle = false } = {}) {

        this.#temporaries.push([]);
        this.#modes.push(isSingle);
        const names = [];
        const text = this.#block(body, () => {

            names.push(...parameters.map((parameter) => (parameter.type === 'VarargLiteral' ? '...varargs' : this.#declare(parameter.name))));
            return '';
        });

        this.#modes.pop();
        const temporaries = this.#temporaries.pop();
        const inner = `${temporaries.length > 0 ? `let ${temporaries.join(', ')};` : ''}${text}`;
        return isProgram ? `const varargs = [];${inner}` : `((${names.join(', ')}) => {${inner}})`;
    }

    #temporary() {

        const name = `t_${++this.#count}`;
        this.#temporaries.at(-1).push(name);
        return name;
    }

    #statement(node) {

        switch (node.type) {
            case 'LocalStatement':
                return this.#local(node);
            case 'AssignmentStatement':
                return this.#assignment(node);
            case 'CallStatement':
                return `${this.#direct(node.expression) ?? this.#many(node.expression)};`;
            case 'ReturnStatement':
                return this.#modes.at(-1) ? `return ${node.arguments.length > 0 ? this.#one(node.arguments[0]) : 'undefined'};` : `return [${this.#list(node.arguments)}];`;
            case 'IfStatement':
                return node.clauses.map((clause, i) => {

                    const head = clause.condition ? `${i > 0 ? 'else ' : ''}if (${this.#condition(clause.condition)})` : 'else';
                    return `${head} {${this.#block(clause.body)}}`;
                }).join('');
            case 'WhileStatement':
                return `while (${this.#condition(node.condition)}) {${this.#block(node.body)}}`;
            case 'DoStatement':
                return `{${this.#block(node.body)}}`;
            case 'BreakStatement':
                return 'break;';
            case 'ForNumericStatement':
                return this.#numeric(node);
            case 'ForGenericStatement':
                return this.#generic(node);
            case 'FunctionDeclaration':
                return this.#declaration(node);
            default:
                throw new Error(`ERR this Lua does not know a ${node.type}`);
        }
    }

    #local({ variables, init }) {

        if (variables.length === 1 && init.length <= 1) {
            const value = init.length === 1 ? this.#one(init[0]) : 'undefined';
            return `let ${this.#declare(variables[0].name)} = ${value};`;
        }

        const values = this.#temporary();
        const text = `${values} = ${this.#results(init)};`;
        return text + variables.map(({ name }, i) => `let ${this.#declare(name)} = ${values}[${i}];`).join('');
    }

    // A list of values, which may be longer than they are

    #results(nodes) {

        const [node] = nodes;
        if (nodes.length > 1 || !internals.isMany(node)) {
            return `[${this.#list(nodes)}]`;
        }

        const isUnpacked = node.type === 'CallExpression' && node.arguments.length === 1 && this.#builtin(node.base) === 'unpack';
        return isUnpacked ? `R.listOf(${this.#one(node.arguments[0])})` : this.#many(node);
    }

    #assignment({ variables, init }) {

        if (variables.length === 1 && init.length === 1) {
            return this.#assign(variables[0], this.#one(init[0]));
        }

        const values = this.#temporary();
        return `${values} = [${this.#list(init)}];${variables.map((variable, i) => this.#assign(variable, `${values}[${i}]`)).join('')}`;
    }

    #assign(node, value) {

        if (node.type === 'Identifier') {
            const own = this.#find(node.name);
            if (!own) {
                throw new Error(`ERR Script attempted to create global variable '${node.name}'`);
            }

            return `${own} = ${value};`;
        }

        return `R.set(${this.#one(node.base)}, ${this.#key(node)}, ${value});`;
    }

    #numeric({ variable, start, end, step, body }) {

        const [from, to, by] = [this.#number(start), this.#number(end), step ? this.#number(step) : '1'];
        const [i, last, stride] = [`i_${++this.#count}`, `last_${this.#count}`, `step_${this.#count}`];
        const inner = this.#block(body, () => `let ${this.#declare(variable.name)} = ${i};`);
        const isOn = by === '1' ? `${i} <= ${last}` : `${stride} > 0 ? ${i} <= ${last} : ${i} >= ${last}`;
        return `for (let ${i} = ${from}, ${last} = ${to}, ${stride} = ${by}; ${isOn}; ${i} += ${stride}) {${inner}}`;
    }

    #generic({ variables, iterators, body }) {

        const [iterator] = iterators;
        if (iterators.length === 1 && iterator.type === 'CallExpression' && this.#builtin(iterator.base) === 'ipairs') {
            return this.#each(variables, iterator.arguments[0], body);
        }

        const values = this.#list(iterators);
        const [next, state, control, found] = ['next', 'state', 'control', 'found'].map((name) => `${name}_${++this.#count}`);
        const inner = this.#block(body, () => variables.map(({ name }, i) => `let ${this.#declare(name)} = ${found}[${i}];`).join(''));
        return `{ let [${next}, ${state}, ${control}] = [${values}]; for (;;) { const ${found} = R.call(${next}, ${state}, ${control});` +
            `if (${found}[0] === undefined) { break; } ${control} = ${found}[0]; ${inner} } }`;
    }

    #each(variables, table, body) {

        const text = this.#one(table);
        const [list, i] = [`list_${++this.#count}`, `i_${this.#count}`];
        const inner = this.#block(body, () => variables.map(({ name }, place) => `let ${this.#declare(name)} = ${place === 0 ? `${i} + 1` : `${list}[${i}]`};`).join(''));
        return `for (let ${list} = R.listOf(${text}), ${i} = 0; ${list}[${i}] !== undefined; ++${i}) {${inner}}`;
    }

    #declaration({ identifier, isLocal, parameters, body }) {

        if (!isLocal) {
            throw new Error(`ERR Script attempted to create global variable '${identifier.name}'`);
        }

        const own = this.#declare(identifier.name);
        const isSingle = internals.isSingle(body);
        if (isSingle) {
            this.#singles.add(own);
        }

        return `const ${own} = ${this.#function(parameters, body, { isSingle })};`;
    }

    /** An expression's first value. */
    #one(node) {

        switch (node.type) {
            case 'StringLiteral':
                return JSON.stringify(node.value);
            case 'NumericLiteral':
            case 'BooleanLiteral':
                return String(node.value);
            case 'NilLiteral':
                return 'undefined';
            case 'VarargLiteral':
                return 'varargs[0]';
            case 'Identifier':
                return this.#identifier(node.name);
            case 'IndexExpression':
            case 'MemberExpression':
                return `R.get(${this.#one(node.base)}, ${this.#key(node)})`;
            case 'BinaryExpression':
                return this.#binary(node);
            case 'LogicalExpression':
                return this.#logical(node);
            case 'UnaryExpression':
                return node.operator === 'not' ? `!${this.#condition(node.argument)}` : node.operator === '-' ? `(-${this.#number(node.argument)})` : `R.length(${this.#one(node.argument)})`;
            case 'FunctionDeclaration':
                return this.#function(node.parameters, node.body);
            case 'TableConstructorExpression':
                return this.#table(node);
            default:
                return this.#direct(node) ?? `${this.#many(node)}[0]`;
        }
    }

    #identifier(name) {

        const own = this.#find(name);
        if (own) {
            return this.#singles.has(own) ? `((...args) => [${own}(...args)])` : own;
        }

        return name === 'KEYS' || name === 'ARGV' ? name : `R.global(G, ${JSON.stringify(name)})`;
    }

    #binary({ operator, left, right }) {

        switch (operator) {
            case '..':
                return `(${this.#text(left)} + ${this.#text(right)})`;
            case '==':
            case '~=':
                return `(${this.#one(left)} ${operator === '==' ? '===' : '!=='} ${this.#one(right)})`;
            case '<':
                return this.#less(left, right);
            case '>':
                return this.#less(right, left);
            case '<=':
                return `!${this.#less(right, left)}`;
            case '>=':
                return `!${this.#less(left, right)}`;
            case '%':
                return `R.modulo(${this.#one(left)}, ${this.#one(right)})`;
            default:
                return `(${this.#number(left)} ${internals.arithmetic[operator]} ${this.#number(right)})`;
        }
    }

    #less(left, right) {

        return this.#isNumber(left) && this.#isNumber(right) ? `(${this.#one(left)} < ${this.#one(right)})` : `R.isLess(${this.#one(left)}, ${this.#one(right)})`;
    }

    #isNumber({ type, operator, base }) {

        return type === 'NumericLiteral' || type === 'BinaryExpression' && operator in internals.arithmetic || type === 'UnaryExpression' && operator !== 'not' ||
            type === 'CallExpression' && /^math\./.test(this.#builtin(base));
    }

    #number(node) {

        return this.#isNumber(node) ? this.#one(node) : `R.number(${this.#one(node)})`;
    }

    #text(node) {

        return node.type === 'StringLiteral' || node.operator === '..' ? this.#one(node) : `R.concatenable(${this.#one(node)})`;
    }

    #condition(node) {

        if (node.type === 'LogicalExpression') {
            return `(${this.#condition(node.left)} ${node.operator === 'and' ? '&&' : '||'} ${this.#condition(node.right)})`;
        }

        return node.type === 'BinaryExpression' && internals.comparisons.includes(node.operator) || node.operator === 'not' ? `(${this.#one(node)})` : `R.isTrue(${this.#one(node)})`;
    }

    /** The name of a function of the library, where no local one has it. */
    #builtin(base) {

        const name = internals.nameOf(base);
        return this.#find(name.split('.')[0]) ? '' : name;
    }

    /** A call with one result, as that; null for any other. */
    #direct(node) {

        if (node.type !== 'CallExpression') {
            return null;
        }

        const { base, arguments: nodes } = node;
        const own = base.type === 'Identifier' && this.#find(base.name);
        if (this.#singles.has(own)) {
            return `${own}(${this.#list(nodes)})`;
        }

        const builtin = internals.builtins[this.#builtin(base)];
        return builtin && (nodes.length > 0 && !internals.isMany(nodes.at(-1)) || this.#builtin(base) === 'redis.call') ? builtin(this.#words(nodes)) : null;
    }

    #words(nodes) {

        return nodes.map((node, i) => (i === nodes.length - 1 && internals.isMany(node) ? this.#direct(node) ?? `...${this.#many(node)}` : this.#one(node)));
    }

    /** A call, whose value is a list. */
    #many(node) {

        if (node.type === 'VarargLiteral') {
            return 'varargs';
        }

        const direct = this.#direct(node);
        if (direct !== null) {
            return `[${direct}]`;
        }

        const args = node.type === 'StringCallExpression' ? [node.argument] : node.type === 'TableCallExpression' ? [node.arguments] : node.arguments;
        const list = this.#list(args);
        const { base } = node;
        if (base.type === 'MemberExpression' && base.indexer === ':') {
            return `R.method(${this.#one(base.base)}, ${JSON.stringify(base.identifier.name)}, ${list})`;
        }

        return `R.call(${this.#one(base)}, ${list})`;
    }

    #list(nodes) {

        return this.#words(nodes).join(', ');
    }

    // Of `and` and `or` the second half is not even looked at where the first one decides

    #logical({ operator, left, right }) {

        const value = this.#temporary();
        const first = `R.isTrue(${value} = ${this.#one(left)})`;
        const second = this.#one(right);
        return operator === 'and' ? `(${first} ? ${second} : ${value})` : `(${first} ? ${value} : ${second})`;
    }

    #key(node) {

        return node.type === 'IndexExpression' ? this.#one(node.index) : JSON.stringify(node.identifier.name);
    }

    #table({ fields }) {

        const values = fields.filter(({ type }) => type === 'TableValue').map(({ value }) => value);
        const pairs = fields.filter(({ type }) => type !== 'TableValue').map(({ type, key, value }) => {

            return `[${type === 'TableKeyString' ? JSON.stringify(key.name) : this.#one(key)}, ${this.#one(value)}]`;
        });

        return `new R.Table([${this.#list(values)}], [${pairs.join(', ')}])`;
    }
};
