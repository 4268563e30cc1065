#!/bin/sh
# Made by `crawlight setup`: Crawlight's commands on the service's data, as the service's user.
export CRAWLIGHT_DATA_DIR="$${CRAWLIGHT_DATA_DIR:-${data}}"
if [ "$$1" != setup ] && [ "$$(id -u)" = 0 ]; then
    HOME=${data} exec setpriv --reuid ${user} --regid ${user} --init-groups -- ${program} "$$@"
fi
exec ${program} "$$@"
