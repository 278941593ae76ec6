-- Prosody for tests: loopback, its own folder, its own certificate. @…@ is filled in by the launcher.
pidfile = "@FOLDER@/prosody.pid"
data_path = "@FOLDER@/data"
admin_socket = "@FOLDER@/prosody.sock"
interfaces = { "127.0.0.1" }
c2s_ports = { @C2S@ }
c2s_direct_tls_ports = { @TLS@ }
http_ports = {}
https_ports = {}
ssl = { key = "@FOLDER@/server.key"; certificate = "@FOLDER@/server.crt" }
c2s_require_encryption = true
authentication = "internal_hashed"
password_hash = "SHA-256"
storage = "internal"
pep_max_items = 256
c2s_stanza_size_limit = 256 * 1024
limits = { c2s = { rate = "@RATE@kb/s"; burst = "10s" } }
modules_enabled = {
  "roster"; "saslauth"; "tls"; "disco"; "posix"; "admin_shell"; "pep"; "blocklist"; "carbons";
  "smacks"; "csi_simple"; "ping"; "limits"; "offline"; "user_account_management";
  @REGISTRATION_MODULES@
}
modules_disabled = { "s2s" }
log = { { levels = { min = "info" }, to = "file", filename = "@FOLDER@/server.log" } }
VirtualHost "@DOMAIN@"
  invite_expiry = 900
@REGISTRATION@
