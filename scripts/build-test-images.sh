#!/usr/bin/env bash
# Makes the images that container tests run, ncmc-embedded:test and ncmc-mcp-server:test, without any registry: their
# root file systems are this machine's node, shell and a few tools with the libraries they load, and the built package.
# Needs `npm run build` before. The Dockerfiles of docker/ make the same images where there is a registry.
set -euo pipefail
cd "$(dirname "$0")/.."
label='nc-mcp-conformance=test-image'
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

tools='sh cat ls tar gzip sed grep find sort mkdir rmdir rm cp mv ln chmod chown id head tail wc env sleep touch date
  dirname basename tr cut expr test true false mktemp stat readlink setpriv'

[ -f dist/src/nextcloud/embedded-image/serve.js ] || { echo 'run `npm run build` first' >&2; exit 1; }

# make_root FOLDER: node, tools, libraries, users.
make_root() {
  local root=$1 tool path library
  mkdir -p "$root"/{usr/bin,usr/local/bin,etc,proc,sys,dev,root,var/www,opt/nc-mcp-conformance}
  ln -s usr/bin "$root/bin"
  install -d -m 1777 "$root/tmp"
  for tool in node $tools; do
    path=$(readlink -f "$(type -P "$tool")")
    cp "$path" "$root/usr/bin/$tool"
    # The vDSO has no file, hence the pattern.
    { ldd "$path" 2>/dev/null || true; } | grep -o '/[^ ]*' >>"$work/libraries" || true
  done
  sort -u "$work/libraries" | while read -r library; do
    mkdir -p "$root$(dirname "$library")"
    cp -L "$library" "$root$library"
  done
  printf 'root:x:0:0:root:/root:/bin/sh\nwww-data:x:33:33:www-data:/var/www:/bin/sh\nnode:x:1000:1000::/tmp:/bin/sh\n' >"$root/etc/passwd"
  printf 'root:x:0:\nwww-data:x:33:\nnode:x:1000:\n' >"$root/etc/group"
  echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
}

# add_package ROOT ENTRY...: what the entries need of dist and node_modules.
add_package() {
  local root=$1; shift
  node scripts/image-files.mjs "$@" >"$work/files"
  tar -c -T "$work/files" | tar -x -C "$root/opt/nc-mcp-conformance"
}

# import ROOT NAME CHANGE...
import() {
  local root=$1 name=$2 changes=() change digest former
  shift 2
  for change in "$@" "LABEL $label"; do changes+=(--change "$change"); done
  tar -C "$root" --owner=0 --group=0 --mtime='2026-01-01' --sort=name -cf "$work/root.tar" .
  # An image of the same content stays what it is: whatever was made from it stays valid.
  digest=$({ cat "$work/root.tar"; printf '%s\n' "${changes[@]}"; } | sha256sum | cut -d ' ' -f 1)
  former=$(docker image inspect --format '{{.Id}} {{index .Config.Labels "nc-mcp-conformance.content"}}' "$name" 2>/dev/null || true)
  if [ "${former#* }" = "$digest" ]; then
    echo "$name is up to date"
    return
  fi
  docker import "${changes[@]}" --change "LABEL nc-mcp-conformance.content=$digest" "$work/root.tar" "$name" >/dev/null
  # The former one has no name now, and goes as soon as no container uses it.
  docker image prune --force --filter "label=$label" >/dev/null
  echo "$name is built"
}

path='ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

make_root "$work/root"
# With its modes: everybody may write to /tmp.
cp -a "$work/root" "$work/server"

install -m 755 docker/embedded/entrypoint.sh "$work/root/entrypoint.sh"
install -m 755 docker/embedded/php docker/embedded/apache2-foreground "$work/root/usr/local/bin/"
install -d -m 777 "$work/root/var/www/html"
for stage in pre-installation post-installation pre-upgrade post-upgrade before-starting; do
  mkdir -p "$work/root/docker-entrypoint-hooks.d/$stage"
done
add_package "$work/root" dist/src/nextcloud/embedded-image/{serve,php}.js
import "$work/root" ncmc-embedded:test "$path" 'ENV NEXTCLOUD_VERSION=32.0.2' 'ENTRYPOINT ["/entrypoint.sh"]' \
  'CMD ["apache2-foreground"]' 'VOLUME /var/www/html' 'WORKDIR /var/www/html' 'EXPOSE 80'

install -m 755 docker/mcp-server/entrypoint.sh "$work/server/entrypoint.sh"
add_package "$work/server" dist/src/cli/reference-image.js
import "$work/server" ncmc-mcp-server:test "$path" 'ENTRYPOINT ["/entrypoint.sh"]' 'USER 1000:1000' 'WORKDIR /tmp' 'EXPOSE 8000'
