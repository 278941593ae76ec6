/** Words for where secrets are kept. The compiler keeps the list complete. */
import { m } from "../paraglide/messages";
import type { VaultView } from "../bindings";

export const vaultWords: Record<VaultView, () => string> = {
    unknown: m.vault_unknown,
    keychain: m.vault_keychain,
    fileOpen: m.vault_fileOpen,
    fileLocked: m.vault_fileLocked,
    nowhere: m.vault_nowhere,
};
