#!/bin/sh
# Made by `crawlight setup`: Crawlight's commands on the service's data, as the service's user.
export CRAWLIGHT_DATA_DIR="$${CRAWLIGHT_DATA_DIR:-${data}}"
if [ "$$1" != setup ] && [ "$$(id -u)" = 0 ]; then
    # Web servers' logs are for the group adm, too. The command is in it, the services are not.
    groups=$$(id -G ${user} | tr ' ' ,)
    adm=$$(getent group adm | cut -d: -f3)
    # A folder that the user may not use, such as /root, is no place to run in.
    run='[ -r . ] && [ -x . ] || cd /; exec ${program} "$$@"'
    export HOME=${data}
    exec setpriv --reuid ${user} --regid ${user} --groups "$$groups$${adm:+,$$adm}" -- sh -c "$$run" crawlight "$$@"
fi
exec ${program} "$$@"
