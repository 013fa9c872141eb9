// The scripts of the pages: plain files, joined in one page and run in strict mode.
import js from "@eslint/js";
import globals from "globals";

export default [
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  js.configs.recommended,
  {
    languageOptions: {
      ecmaVersion: 2023,
      sourceType: "script",
      globals: { ...globals.browser, L: "readonly", siteopt: "readonly" },
    },
    rules: {
      "array-callback-return": "error",
      "consistent-return": "error",
      "default-case-last": "error",
      eqeqeq: "error",
      "no-alert": "error",
      "no-console": "error",
      "no-eval": "error",
      "no-implicit-globals": "error",
      "no-implied-eval": "error",
      "no-new-func": "error",
      "no-param-reassign": "error",
      "no-promise-executor-return": "error",
      "no-restricted-properties": ["error",
        { property: "innerHTML", message: "Texts are texts, never HTML: use siteopt.node." },
        { property: "outerHTML", message: "Texts are texts, never HTML: use siteopt.node." },
        { property: "insertAdjacentHTML", message: "Texts are texts, never HTML: use siteopt.node." }],
      "no-self-compare": "error",
      "no-shadow": "error",
      "no-template-curly-in-string": "error",
      "no-throw-literal": "error",
      "no-undef-init": "error",
      "no-unmodified-loop-condition": "error",
      "no-unreachable-loop": "error",
      "no-unused-expressions": "error",
      "no-unused-vars": ["error", { args: "after-used" }],
      "no-useless-return": "error",
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
      radix: "error",
      strict: ["error", "global"],
    },
  },
  {
    // The one global that all scripts share is made here.
    files: ["**/report/assets/format.js"],
    languageOptions: { globals: { siteopt: "off" } },
    rules: { "no-implicit-globals": "off" },
  },
];
