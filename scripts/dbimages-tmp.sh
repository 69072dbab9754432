#!/usr/bin/env bash
# Makes the databases that container tests run, ncmc-mariadb:test, ncmc-postgres:test and ncmc-redis:test, without any
# registry: from packages of the Debian (or Ubuntu) that this runs on, with our entry points of docker/test-database,
# which follow the conventions of the official images. Needs apt-get and dpkg-deb, changes nothing on the machine, and
# is done in a moment when the images are there and neither packages nor entry points have changed.
set -euo pipefail
cd "$(dirname "$0")/.."
label='nc-mcp-conformance=test-image'
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for tool in apt-get dpkg-deb docker; do
  type -P "$tool" >/dev/null || {
    echo "the database images are made of Debian packages: $tool is needed (tests of databases are skipped without them)" >&2
    exit 1
  }
done

# Shell and tools that the entry points use, and a UTF-8 locale.
base='base-files libc-bin dash coreutils findutils grep gzip hostname mawk sed tar util-linux'
# Dependencies that nothing in the images needs: compilers of queries, wrappers in Perl, tools of maintainer scripts.
left_out='libllvm|libz3|perl|libperl|postgresql-common|postgresql-client-common|locales|libc-l10n|debconf|dpkg|adduser|passwd|ssl-cert|openssl|libsemanage'

mkdir -p "$work"/{packages,cache/archives/partial,lists/partial}
: >"$work/status"
# As if nothing were installed, so that the packages come with everything they need.
apt=(apt-get -qq -o "Dir::State::status=$work/status" -o "Dir::Cache=$work/cache" -o Debug::NoLocking=1
  -o APT::Sandbox::User= -o APT::Install-Recommends=false)

# list_packages PACKAGE...: one line each, `'url' file size hash`. The cache stays empty: what is there is not listed.
list_packages() {
  # Unquoted: words.
  "${apt[@]}" install --print-uris $base "$@" | grep "^'" | grep -Ev "^\S+ ($left_out)[^ ]*_" | sort -k 2
}

# The machine's own lists may be missing or too old; these are for us only.
update() {
  apt+=(-o "Dir::State::lists=$work/lists")
  "${apt[@]}" update
}

# fetch LIST: the packages of a list.
fetch() {
  local url file
  cut -d ' ' -f 1,2 "$1" | tr -d "'" | while read -r url file; do
    [ -f "$work/packages/$file" ] || printf '%s=%s\n' "${file%%_*}" "$(version_of "$file")"
  done >"$work/missing"
  [ -s "$work/missing" ] || return 0
  (cd "$work/packages" && xargs "${apt[@]}" download <"$work/missing")
}

# version_of FILE: of `name_version_architecture.deb`, whose colons are written as %3a.
version_of() {
  local version=${1#*_}
  version=${version%_*}
  printf %s "${version//%3a/:}"
}

# make_root ROOT LIST USER: unpacked packages and one user.
make_root() {
  local root=$1 list=$2 user=$3 folder file
  mkdir -p "$root"/{usr/bin,usr/sbin,usr/lib,usr/lib64,usr/local/bin,etc,proc,sys,dev,run,root,var,docker-entrypoint-initdb.d}
  for folder in bin sbin lib lib64; do ln -s "usr/$folder" "$root/$folder"; done
  cut -d ' ' -f 2 "$list" | while read -r file; do
    dpkg-deb --fsys-tarfile "$work/packages/$file" |
      tar -x -C "$root" --keep-directory-symlink --no-same-owner --exclude='./usr/share/doc' --exclude='./usr/share/man' \
        --exclude='./usr/share/locale' --exclude='./usr/share/info'
  done
  # What scripts of the packages would have made.
  rm -rf "$root/tmp" "$root/var/run"
  ln -s /run "$root/var/run"
  ln -s mawk "$root/usr/bin/awk"
  install -d -m 1777 "$root/tmp"
  printf 'root:x:0:0:root:/root:/bin/sh\n%s:x:999:999::/:/bin/sh\n' "$user" >"$root/etc/passwd"
  printf 'root:x:0:\n%s:x:999:\n' "$user" >"$root/etc/group"
  echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
}

# build NAME USER 'PACKAGE...' CHANGE...: prepare_NAME ROOT adds what is ours, and changes.
build() {
  local name=$1 user=$2 packages=$3 image="ncmc-dbimages-$1:test" list="$work/$1.list" changes=() change content former
  shift 3
  list_packages $packages >"$list" 2>"$work/apt.log" || {
    update
    list_packages $packages >"$list"
  }
  content=$({ cat "$list" scripts/build-test-database-images.sh docker/test-database/"$name"/*; } | sha256sum | cut -d ' ' -f 1)
  former=$(docker image inspect --format '{{index .Config.Labels "nc-mcp-conformance.content"}}' "$image" 2>/dev/null || true)
  # An image of the same content stays what it is: whatever was made from it stays valid.
  if [ "$former" = "$content" ]; then
    echo "$image is up to date"
    return
  fi
  fetch "$list" || {
    update
    list_packages $packages >"$list"
    fetch "$list"
  }
  make_root "$work/$name" "$list" "$user"
  install -m 755 "docker/test-database/$name/entrypoint.sh" "$work/$name/usr/local/bin/docker-entrypoint.sh"
  for change in "$@" 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
    'ENTRYPOINT ["docker-entrypoint.sh"]' "LABEL $label" "LABEL nc-mcp-conformance.content=$content"; do
    changes+=(--change "$change")
  done
  "prepare_$name" "$work/$name"
  tar -C "$work/$name" --owner=0 --group=0 --numeric-owner -c . | docker import "${changes[@]}" - "$image" >/dev/null
  rm -rf "${work:?}/$name"
  # The former one has no name now, and goes as soon as no container uses it.
  docker image prune --force --filter "label=$label" >/dev/null
  echo "$image is built"
}

prepare_mariadb() {
  install -m 755 docker/test-database/mariadb/healthcheck.sh "$1/usr/local/bin/"
  install -D -m 644 docker/test-database/mariadb/my.cnf "$1/etc/mysql/my.cnf"
  mkdir -p "$1/etc/mysql/conf.d" "$1/run/mysqld" "$1/var/lib/mysql"
}

prepare_postgres() {
  local folder program
  folder=$(echo "$1"/usr/lib/postgresql/*)
  rm -rf "$folder"/lib/{bitcode,llvmjit*}
  sed -i "s/^#listen_addresses = 'localhost'/listen_addresses = '*'/" \
    "$1/usr/share/postgresql/${folder##*/}/postgresql.conf.sample"
  for program in "$folder"/bin/*; do
    ln -s "../lib/postgresql/${folder##*/}/bin/${program##*/}" "$1/usr/bin/"
  done
  mkdir -p "$1/run/postgresql" "$1/var/lib/postgresql"
  changes+=(--change "ENV PGDATA=/var/lib/postgresql/${folder##*/}/docker")
}

prepare_redis() {
  mkdir -p "$1/data"
}

build mariadb mysql 'mariadb-server-core mariadb-client-core' 'VOLUME /var/lib/mysql' 'CMD ["mariadbd"]' 'EXPOSE 3306'
build postgres postgres postgresql 'ENV LANG=C.UTF-8' 'VOLUME /var/lib/postgresql' 'CMD ["postgres"]' 'EXPOSE 5432'
build redis redis redis-server 'VOLUME /data' 'WORKDIR /data' 'CMD ["redis-server"]' 'EXPOSE 6379'
