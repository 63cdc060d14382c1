# The base of the lab's images: a minimal Debian, made on this machine from the machine's own package sources.
FROM scratch
ADD rootfs.tar /
CMD ["bash"]
