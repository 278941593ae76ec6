# Shared by the scripts beside it: says what happens, installs what is missing, explains failures.
# shellcheck shell=bash
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '\033[1m==>\033[0m %s\n' "$*"; }
note() { printf '    %s\n' "$*"; }

# fail "what happened" "why" "what to do next"
fail() {
  printf '\n\033[1mThat did not work:\033[0m %s\n' "$1" >&2
  [ -z "${2:-}" ] || printf '  Why:  %s\n' "$2" >&2
  [ -z "${3:-}" ] || printf '  Next: %s\n' "$3" >&2
  exit 1
}

# step "what" command…: runs quietly with its output kept, shows the end of it if it fails.
step() {
  local what=$1 log started=$SECONDS; shift
  log=$(mktemp -t roost-step.XXXXXX)
  say "$what"
  if "$@" >"$log" 2>&1; then
    note "done in $((SECONDS - started)) s"
    rm -f "$log"
  else
    tail -n 40 "$log" >&2
    fail "$what" "the last lines above; all of them are in $log" "mend the cause and run this command again; it goes on where it stopped"
  fi
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# What each job needs, as Debian and Ubuntu call it.
PACKAGES_BUILD="gcc libc6-dev pkg-config ca-certificates libwebkit2gtk-4.1-dev"
PACKAGES_SERVER="prosody"
PACKAGES_TEST="ejabberd xvfb webkit2gtk-driver dbus gnome-keyring chromium python3 python3-venv imagemagick"

missing_packages() {
  local package
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || printf '%s ' "$package"
  done
}

# Installs packages without starting or enabling the services some of them bring.
install_packages() {
  command -v apt-get >/dev/null || fail "this system has no apt-get" \
    "the scripts know Debian and Ubuntu only" "install the prerequisites that README.md names for your system by hand"
  local missing units user_units unit
  missing=$(missing_packages "$@")
  [ -n "$missing" ] || return 0
  say "Missing packages: $missing"
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || fail "packages are missing and you are not root" "" "as root: apt-get install $missing"
    if [ -t 0 ]; then
      read -r -p "    Install them with sudo? [Y/n] " answer
      case ${answer:-y} in [yYjJ]*) ;; *) fail "packages are missing" "" "apt-get install $missing" ;; esac
    fi
  fi
  # A package's service must not start now, nor at the next boot, just because we need its program.
  local guard=/usr/sbin/policy-rc.d guarded=no
  if [ ! -e "$guard" ]; then
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$guard" >/dev/null && as_root chmod +x "$guard" && guarded=yes
  fi
  user_units=$(ls /usr/lib/systemd/user 2>/dev/null || true)
  units=$(ls /lib/systemd/system /usr/lib/systemd/system 2>/dev/null | sort -u || true)
  local outcome=0
  as_root apt-get update -q >/dev/null || outcome=$?
  # shellcheck disable=SC2086
  [ "$outcome" != 0 ] || as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -q --no-install-recommends $missing >/tmp/roost-apt.$$ 2>&1 || outcome=$?
  [ "$guarded" = no ] || as_root rm -f "$guard"
  for unit in prosody.service ejabberd.service; do
    if ! grep -qx "$unit" <<<"$units" && [ -e "/lib/systemd/system/$unit" ]; then
      as_root systemctl disable "$unit" >/dev/null 2>&1 || as_root update-rc.d "${unit%.service}" disable >/dev/null 2>&1 || true
    fi
  done
  # The keyring would start with everybody's next login.
  for unit in gnome-keyring-daemon.socket gnome-keyring-daemon.service; do
    if ! grep -qx "$unit" <<<"$user_units" && [ -e "/usr/lib/systemd/user/$unit" ]; then
      as_root systemctl --global disable "$unit" >/dev/null 2>&1 || true
    fi
  done
  if [ "$outcome" != 0 ]; then
    tail -n 20 "/tmp/roost-apt.$$" >&2 || true
    fail "apt-get could not install: $missing" "the lines above" "apt-get update, look at your package sources, and run this again"
  fi
  rm -f "/tmp/roost-apt.$$"
}

version_at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$2" ]; }

# Rust: what rust-toolchain.toml asks for by rustup, else a compiler of the system that is new enough.
need_rust() {
  local wanted=1.95 have
  [ ! -e "$HOME/.cargo/env" ] || . "$HOME/.cargo/env"
  if ! command -v cargo >/dev/null && [ -x /usr/bin/rustup ]; then rustup default stable; fi
  if ! command -v cargo >/dev/null; then
    if apt-cache show rustup >/dev/null 2>&1; then
      install_packages rustup
      # The version comes first: rustup takes everything behind --component for components.
      step "Installing Rust by rustup" rustup toolchain install "$(sed -n 's/^channel = "\(.*\)"/\1/p' rust-toolchain.toml)" --profile minimal --component rustfmt --component clippy
    elif apt-cache show cargo-web >/dev/null 2>&1; then
      install_packages cargo-web rustc-web
    fi
  fi
  command -v cargo >/dev/null || fail "there is no Rust compiler" \
    "this system's packages have none that is new enough" "install it as https://rustup.rs says and run this again"
  have=$(cargo --version | awk '{print $2}') || fail "cargo does not run" "" "rustup show tells why"
  version_at_least "$have" "$wanted" || fail "Rust $have is too old" "Roost needs $wanted" "rustup update, or install rustup as https://rustup.rs says"
}

# Node 20 or newer builds the user interface. Where the system's is older, a newer one is put
# beside the project's build files, by npm itself.
need_node() {
  local have
  command -v npm >/dev/null || install_packages nodejs npm
  have=$(node --version 2>/dev/null | tr -d v || echo 0)
  if ! version_at_least "$have" 20.19; then
    local private=target/node
    if [ ! -x "$private/node_modules/.bin/node" ] && [ ! -x "$private/node" ]; then
      case $(uname -m) in x86_64) arch=x64 ;; aarch64) arch=arm64 ;; *) fail "Node $have is too old" "the user interface needs 20.19" "install a newer Node" ;; esac
      mkdir -p "$private"
      step "Fetching Node 22, since the system's is $have" npm install --prefix "$private" --no-save "node-linux-$arch@22"
      ln -sf "node_modules/node-linux-$arch/bin/node" "$private/node"
    fi
    PATH="$PWD/$private:$PATH"; export PATH
  fi
}

build_ui() {
  if [ ! -d node_modules ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
    step "Fetching what the user interface is built with" npm ci --no-audit --no-fund
  fi
  if [ ! -e ui/dist/index.html ] || [ -n "$(find ui icons -newer ui/dist/index.html -type f -not -path '*/node_modules/*' -not -path 'ui/dist/*' -not -path 'ui/src/lib/paraglide/*' -print -quit)" ]; then
    step "Building the user interface" npm run build --workspace ui
  fi
}
