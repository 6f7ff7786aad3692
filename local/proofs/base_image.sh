#!/usr/bin/env bash
# Makes an image like Lambda's own where that cannot be pulled: Debian, this machine's Python 3.13 and, from PyPI, the
# runtime interface client and boto3. It is not Amazon Linux: it shows that a package runs, not how fast.
#
#   usage: base_image.sh TAG
#
# Needs root, debootstrap, a container engine and python3.13 on the PATH or in pyenv.
set -euo pipefail

tag=$1
for python in python3.13 "$(pyenv root 2>/dev/null)"/versions/3.13.*/bin/python3.13; do
  prefix=$("$python" -c 'import sys; print(sys.base_prefix)' 2>/dev/null) && break
done
[ -n "${prefix:-}" ] || { echo "There is no python3.13." >&2; exit 1; }
command -v debootstrap >/dev/null || { echo "There is no debootstrap: apt-get install debootstrap." >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
debootstrap --variant=minbase "$(. /etc/os-release && echo "$VERSION_CODENAME")" "$root" >"$work/log" 2>&1 ||
  { tail -n 20 "$work/log" >&2; exit 1; }

# The interpreter keeps its prefix, so that it finds its library in the image as it does here.
libraries=$root/usr/lib/$(uname -m)-linux-gnu
mkdir -p "$root$prefix" "$root"/var/{runtime,task,lang/bin} "$root/opt"
cp -a "$prefix/." "$root$prefix/"
ln -s "$prefix/bin/python3.13" "$root/var/lang/bin/python3.13"
folder=$prefix
while [ "$folder" != / ]; do chmod a+rx "$root$folder"; folder=$(dirname "$folder"); done
find "$prefix/lib" "$prefix/bin" \( -name '*.so*' -o -name python3.13 \) -type f -exec ldd {} + 2>/dev/null |
  awk '$3 ~ /^\/(usr\/)?lib/ { print $3 }' | sort -u |
  while read -r library; do cp -Lnv "$library" "$libraries/" >/dev/null; done

"$prefix/bin/python3.13" -m pip install -q --disable-pip-version-check --root-user-action ignore \
  --target "$root/var/runtime" awslambdaric boto3

cat >"$root/var/runtime/bootstrap" <<'BOOT'
#!/bin/sh
export AWS_EXECUTION_ENV=AWS_Lambda_python3.13
export PYTHONPATH=/var/task:/opt/python/lib/python3.13/site-packages:/opt/python:/var/runtime
cd /var/task
exec /var/lang/bin/python3.13 -m awslambdaric "$_HANDLER"
BOOT
chmod +x "$root/var/runtime/bootstrap"

tar -C "$root" -c . | docker import \
  -c "ENV LANG=C.UTF-8 LD_LIBRARY_PATH=$prefix/lib PATH=/var/lang/bin:/usr/local/bin:/usr/bin:/bin LAMBDA_TASK_ROOT=/var/task LAMBDA_RUNTIME_DIR=/var/runtime" \
  -c 'WORKDIR /var/task' - "$tag" >/dev/null
docker run --rm --entrypoint /var/lang/bin/python3.13 "$tag" -c 'import ssl, sqlite3, ctypes'
