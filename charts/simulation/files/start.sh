#!/bin/bash
# First process of the victim: starts both servers, ends at once when told to or when one of them ends, and reaps orphans.
trap 'exit 0' TERM INT
php-fpm -n -F -O -y /opt/sim/php-fpm.conf &
nginx -e stderr -c /opt/sim/nginx.conf &
# As the first process it takes every other one with it when it exits.
wait -n
echo "a server ended with exit code $?" >&2
exit 1
