# The first container of every pod.
FROM scratch
COPY pause /pause
ENTRYPOINT ["/pause"]
