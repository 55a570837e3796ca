# syntax=docker/dockerfile:1

# The version is that of rust-toolchain.toml, which is not copied: rustup would fetch its clippy and rustfmt for nothing.
FROM rust:1.95.0-slim-bookworm AS build
WORKDIR /build
COPY . .
# What was fetched and compiled stays for the next build, outside of the image; so the program is taken out of there.
RUN --mount=type=cache,target=/usr/local/cargo/registry,sharing=locked \
    --mount=type=cache,target=/build/target,sharing=locked \
    cargo build --release --locked -p supplier-sandbox && \
    install -D target/release/supplier-sandbox /out/supplier-sandbox

FROM debian:bookworm-slim
LABEL org.opencontainers.image.title="Supplier Sandbox" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"
# For `--data /data/…`: a volume that is made here belongs to whoever runs the program.
RUN install -d -o 10001 -g 10001 /data
COPY LICENSE LICENSE-APACHE LICENSE-MIT /usr/share/doc/supplier-sandbox/
COPY --from=build /out/supplier-sandbox /usr/local/bin/
USER 10001:10001
VOLUME /data
# Outside of the container, that is. It asks for an admin token, and does not start without one.
ENV SUPPLIER_SANDBOX_LISTEN=0.0.0.0:4010
EXPOSE 4010
# There is no curl in here; bash can open a connection by itself.
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s \
    CMD ["bash", "-c", "exec 3<>\"/dev/tcp/127.0.0.1/${SUPPLIER_SANDBOX_LISTEN##*:}\" && printf 'GET /_sandbox/health HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' >&3 && read -r _ status _ <&3 && [ \"$status\" = 200 ]"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/supplier-sandbox"]
