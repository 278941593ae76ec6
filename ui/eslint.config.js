import js from "@eslint/js";
import svelte from "eslint-plugin-svelte";
import globals from "globals";
import ts from "typescript-eslint";

export default ts.config(
    { ignores: ["dist", "dist-gallery", "src/lib/bindings.ts", "src/lib/paraglide"] },
    js.configs.recommended,
    ...ts.configs.strict,
    ...svelte.configs.recommended,
    {
        languageOptions: { globals: { ...globals.browser } },
        rules: {
            // Foreign text must never become markup.
            "svelte/no-at-html-tags": "error",
            "no-eval": "error",
            "no-implied-eval": "error",
            // A plain set or map is what is meant wherever nothing is drawn from it.
            "svelte/prefer-svelte-reactivity": "off",
        },
    },
    {
        files: ["**/*.svelte", "**/*.svelte.ts"],
        languageOptions: { parserOptions: { parser: ts.parser } },
    },
    {
        files: ["tests/**", "*.config.*"],
        languageOptions: { globals: { ...globals.node } },
    },
);
