'use strict';

const HapiPlugin = require('@hapi/eslint-plugin');
const TypescriptEslint = require('typescript-eslint');

const Words = require('./test/support/prose/rule');

const rules = Object.assign({}, ...HapiPlugin.configs.module.map((config) => config.rules));

module.exports = [
    {
        ignores: ['**/dist/', 'coverage/']
    },
    ...HapiPlugin.configs.module,
    {
        files: ['**/*.ts'],
        plugins: {
            '@typescript-eslint': TypescriptEslint.plugin
        },
        languageOptions: {
            parser: TypescriptEslint.parser,
            parserOptions: {
                projectService: true
            },
            sourceType: 'module'
        },
        rules: {

            // tsc knows better

            'no-dupe-class-members': 'off',
            'no-redeclare': 'off',
            'no-undef': 'off',
            'strict': 'off',

            // Methods of an asynchronous contract are async, whether or not this implementation waits

            'require-await': 'off',

            // The same rules, aware of types

            'no-shadow': 'off',
            '@typescript-eslint/no-shadow': rules['no-shadow'],
            'no-unused-vars': 'off',
            '@typescript-eslint/no-unused-vars': rules['no-unused-vars'],

            // Function declarations are hoisted, so that helpers can follow what calls them

            'func-style': 'off',

            // A promise left alone is a revocation nobody waits for

            '@typescript-eslint/no-floating-promises': 'error',
            '@typescript-eslint/consistent-type-imports': 'error'
        }
    },
    {
        // Comments and texts

        files: ['lib/**/*.ts', 'example/**/*.{js,ts}'],
        plugins: {
            prose: { rules: { words: Words } }
        },
        rules: {
            'prose/words': 'error'
        }
    },
    {
        // Modules for the browser

        files: ['example/page/**/*.js'],
        languageOptions: {
            sourceType: 'module',
            globals: Object.fromEntries(['addEventListener', 'document', 'EventSource', 'location', 'window'].map((name) => [name, 'readonly']))
        },
        rules: {
            'strict': 'off',
            'func-style': 'off'
        }
    },
    {
        // Written for a consumer of the built package, so part of no tsconfig here

        files: ['test/types/**/*.ts'],
        languageOptions: {
            parserOptions: {
                projectService: false
            }
        },
        rules: {
            '@typescript-eslint/no-floating-promises': 'off'
        }
    }
];
