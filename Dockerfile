# The same Node as the `node` package in package.json; a test holds the two together.
FROM node:24.21.0-bookworm-slim AS node

FROM node AS build
WORKDIR /build
COPY package.json package-lock.json ./
# Exactly the lock file, but no package's own script: they would fetch a second Node, and nothing else here needs one.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build
# The licences of what the bundles hold.
RUN find $(npm ls --omit=dev --all --parseable | tail -n +2) node_modules/uplot -maxdepth 1 -iname "licen[sc]e*" \
    -exec tail -vn +1 {} + > dist/LICENSES

FROM node
# SQLite puts what it sorts on the volume too, for /tmp may be read-only.
ENV ENVIRONMENT=production DATA_DIR=/data SQLITE_TMPDIR=/data PORT=8001
WORKDIR /app
# A named volume takes this folder's owner over when it is first used.
RUN install -d -o node -g node -m 0700 /data
# The bundle has all packages inside; package.json says that it is an ES module.
COPY --from=build /build/dist dist
COPY package.json LICENSE ./
# The user `node`, as a number: Kubernetes cannot tell by a name that it is not root.
USER 1000:1000
VOLUME /data
EXPOSE 8001
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s CMD ["node", "dist/chat-api.js", "health"]
# Node is PID 1 and needs no init: it handles SIGTERM and SIGINT itself, and starts no processes that it would have to reap.
ENTRYPOINT ["node", "dist/chat-api.js"]
CMD ["serve"]
