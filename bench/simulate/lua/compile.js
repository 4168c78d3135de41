'use strict';

// Makes a JavaScript function of a Lua 5.1 script. Values: nil is undefined, a table is a `Table`, a function takes its arguments and returns a list

const { parse } = require('luaparse');

const { runtime } = require('./runtime');


const internals = {};


/** Returns a function that runs the script with the given values of globals: `(globals) => list of results`. */
exports.compile = function (text, name = 'script') {

    const { body } = parse(text, { luaVersion: '5.1', encodingMode: 'pseudo-latin1', comments: false });
    const source = new internals.Writer().program(body);
    return new Function('R', `'use strict'; return function ${name}(G) { ${source} };`)(runtime);
};


internals.binary = {
    '+': (a, b) => `(R.number(${a}) + R.number(${b}))`,
    '-': (a, b) => `(R.number(${a}) - R.number(${b}))`,
    '*': (a, b) => `(R.number(${a}) * R.number(${b}))`,
    '/': (a, b) => `(R.number(${a}) / R.number(${b}))`,
    '%': (a, b) => `R.modulo(${a}, ${b})`,
    '^': (a, b) => `(R.number(${a}) ** R.number(${b}))`,
    '..': (a, b) => `(R.concatenable(${a}) + R.concatenable(${b}))`,
    '==': (a, b) => `(${a} === ${b})`,
    '~=': (a, b) => `(${a} !== ${b})`,
    '<': (a, b) => `R.isLess(${a}, ${b})`,
    '>': (a, b) => `R.isLess(${b}, ${a})`,
    '<=': (a, b) => `!R.isLess(${b}, ${a})`,
    '>=': (a, b) => `!R.isLess(${a}, ${b})`
};


internals.isMany = function (node) {

    return /CallExpression$/.test(node?.type) || node?.type === 'VarargLiteral';
};


internals.Writer = class {

    #count = 0;
    #scopes = [];
    #temporaries = [];

    program(body) {

        return this.#function([], body, true);
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

    #function(parameters, body, isProgram = false) {

        this.#temporaries.push([]);
        const names = [];
        const text = this.#block(body, () => {

            names.push(...parameters.map((parameter) => (parameter.type === 'VarargLiteral' ? '...varargs' : this.#declare(parameter.name))));
            return '';
        });

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
                return `${this.#many(node.expression)};`;
            case 'ReturnStatement':
                return `return [${this.#list(node.arguments)}];`;
            case 'IfStatement':
                return node.clauses.map((clause, i) => {

                    const head = clause.condition ? `${i > 0 ? 'else ' : ''}if (R.isTrue(${this.#one(clause.condition)}))` : 'else';
                    return `${head} {${this.#block(clause.body)}}`;
                }).join('');
            case 'WhileStatement':
                return `while (R.isTrue(${this.#one(node.condition)})) {${this.#block(node.body)}}`;
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

        const values = this.#list(init);
        return `let [${variables.map(({ name }) => this.#declare(name)).join(', ')}] = [${values}];`;
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

        const [from, to, by] = [this.#one(start), this.#one(end), step ? this.#one(step) : '1'];
        const [i, last, stride] = [`i_${++this.#count}`, `last_${this.#count}`, `step_${this.#count}`];
        const inner = this.#block(body, () => `let ${this.#declare(variable.name)} = ${i};`);
        const isOn = by === '1' ? `${i} <= ${last}` : `${stride} > 0 ? ${i} <= ${last} : ${i} >= ${last}`;
        return `for (let ${i} = R.number(${from}), ${last} = R.number(${to}), ${stride} = R.number(${by}); ${isOn}; ${i} += ${stride}) {${inner}}`;
    }

    #generic({ variables, iterators, body }) {

        const values = this.#list(iterators);
        const [next, state, control, found] = ['next', 'state', 'control', 'found'].map((name) => `${name}_${++this.#count}`);
        const inner = this.#block(body, () => variables.map(({ name }, i) => `let ${this.#declare(name)} = ${found}[${i}];`).join(''));
        return `{ let [${next}, ${state}, ${control}] = [${values}]; for (;;) { const ${found} = R.call(${next}, ${state}, ${control});` +
            `if (${found}[0] === undefined) { break; } ${control} = ${found}[0]; ${inner} } }`;
    }

    #declaration({ identifier, isLocal, parameters, body }) {

        if (!isLocal) {
            throw new Error(`ERR Script attempted to create global variable '${identifier.name}'`);
        }

        const own = this.#declare(identifier.name);
        return `const ${own} = ${this.#function(parameters, body)};`;
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
                return this.#find(node.name) ?? `R.global(G, ${JSON.stringify(node.name)})`;
            case 'IndexExpression':
            case 'MemberExpression':
                return `R.get(${this.#one(node.base)}, ${this.#key(node)})`;
            case 'BinaryExpression':
                return internals.binary[node.operator](this.#one(node.left), this.#one(node.right));
            case 'LogicalExpression':
                return this.#logical(node);
            case 'UnaryExpression':
                return { not: (text) => `!R.isTrue(${text})`, '-': (text) => `(-R.number(${text}))`, '#': (text) => `R.length(${text})` }[node.operator](this.#one(node.argument));
            case 'FunctionDeclaration':
                return this.#function(node.parameters, node.body);
            case 'TableConstructorExpression':
                return this.#table(node);
            default:
                return `${this.#many(node)}[0]`;
        }
    }

    /** A call, whose value is a list. */
    #many(node) {

        if (node.type === 'VarargLiteral') {
            return 'varargs';
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

        return nodes.map((node, i) => (i === nodes.length - 1 && internals.isMany(node) ? `...${this.#many(node)}` : this.#one(node))).join(', ');
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
