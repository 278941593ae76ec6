/**
 * The one place that constructs `Intl` objects. Some web views report a language that `Intl`
 * refuses (`C`, where the locale is `C.UTF-8`), and then even a constructor without arguments
 * throws. So nothing is constructed at load, every tag is checked, and each formatter has a plain
 * fallback.
 */

const cache = new Map<string, unknown>();

/** Makes `make()` once per `key`; `null` where `Intl` refuses. */
export function lazily<T>(key: string, make: () => T): T | null {
    if (!cache.has(key)) {
        try {
            cache.set(key, make());
        } catch {
            cache.set(key, null);
        }
    }
    return cache.get(key) as T | null;
}

/** The canonical form of a language tag, or `null` if it is none. */
export function validTag(tag: string): string | null {
    try {
        return Intl.getCanonicalLocales(tag)[0] ?? null;
    } catch {
        return null;
    }
}
