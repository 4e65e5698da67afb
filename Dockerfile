# Two images. `service`, the default: Stepgate and Node, without shell, package manager or development packages.
# `demo`: the example servers that docker-compose.yml puts around it.

FROM node:24.21.0-bookworm-slim AS node

FROM node AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm install --no-save --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

FROM node AS demo
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm install --no-save --omit=optional --ignore-scripts --no-audit --no-fund
COPY demo demo
COPY envoy envoy
COPY examples examples
# Volumes that are mounted here begin with this owner.
RUN mkdir -p /shared/envoy /shared/keys && chown -R node:node /shared
USER node
ENTRYPOINT ["node", "demo/container.ts"]

# Node, the libraries it is linked to, and a user: all of a system that the service needs.
FROM node AS system
RUN mkdir -p /system/etc /empty \
  && cp --parents --dereference /usr/local/bin/node $(ldd /usr/local/bin/node | grep -o '/[^ ]*') /system \
  && echo 'stepgate:x:65532:65532::/app:/' > /system/etc/passwd \
  && echo 'stepgate:x:65532:' > /system/etc/group \
  && echo 'hosts: files dns' > /system/etc/nsswitch.conf

FROM scratch AS service
COPY --from=system /system /
WORKDIR /app
# The only place to write to, for the audit record: mount a volume here.
COPY --from=system --chown=65532:65532 /empty var
COPY --from=dependencies /app/node_modules node_modules
COPY package.json ./
COPY proto proto
COPY bin bin
COPY src src
ENV NODE_ENV=production
USER 65532:65532
# gRPC for Envoy, and admin. Both listen on loopback until the settings say otherwise.
EXPOSE 9191 9190
# Settings and policy are not in the image: without /app/config it refuses to start.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["/usr/local/bin/node", "-e", "fetch('http://127.0.0.1:9190/livez').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["/usr/local/bin/node", "src/main.ts"]
