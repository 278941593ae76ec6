/** Tells an element when it comes near the screen and when it leaves again. */
import type { Attachment } from "svelte/attachments";

/** How far outside of the screen still counts as near. */
const MARGIN = "600px";

const listeners = new WeakMap<Element, (near: boolean) => void>();
let observer: IntersectionObserver | undefined;

/** One observer serves all elements: a thousand of them would cost a thousand callbacks. */
export function nearScreen(tell: (near: boolean) => void): Attachment {
    return (element) => {
        observer ??= new IntersectionObserver(
            (entries) => {
                for (const { target, isIntersecting } of entries) {
                    listeners.get(target)?.(isIntersecting);
                }
            },
            { rootMargin: MARGIN },
        );
        listeners.set(element, tell);
        observer.observe(element);
        return () => observer?.unobserve(element);
    };
}
